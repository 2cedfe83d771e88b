"""Threads in PostgreSQL, over asyncpg."""

from importlib.util import find_spec

if find_spec("asyncpg") is None or find_spec("greenlet") is None:  # greenlet is what migrations need
    raise ImportError("PostgreSQL needs more packages: pip install 'fastapi-chatkit[postgres]'")

from .store import PostgresStore

__all__ = ["PostgresStore"]
