"""Durable threads: ``SQLiteStore`` for one machine."""

from .base import StoreError
from .sqlite import SQLiteStore

__all__ = ["SQLiteStore", "StoreError"]
