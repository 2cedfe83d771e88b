"""Durable threads: ``SQLiteStore`` for one machine, ``PostgresStore`` for any number of them."""

from typing import TYPE_CHECKING, Any

from ..settings import StoreConfig
from .base import StoreError
from .sqlite import SQLiteStore

if TYPE_CHECKING:
    from .postgres import PostgresStore

__all__ = ["PostgresStore", "SQLiteStore", "StoreConfig", "StoreError"]


def __getattr__(name: str) -> Any:
    """``PostgresStore`` is imported when it is asked for: its driver is an extra."""
    if name != "PostgresStore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .postgres import PostgresStore

    return PostgresStore
