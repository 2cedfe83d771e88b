"""The schema as SQLAlchemy tables: what migrations are written from and checked against; nothing at run time uses it.

Every table's key begins with its owner, and foreign keys carry the owner along, so a row cannot belong to another
user's thread.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


Key = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared byte by byte: pages are in the same order whatever the database's language is."""


def _owner() -> tuple[Column[str], Column[str]]:
    return Column("organization_id", Key, nullable=False), Column("user_id", Key, nullable=False)


def _of_thread() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "user_id", "thread_id"],
        ["threads.organization_id", "threads.user_id", "threads.id"],
        ondelete="CASCADE",
    )


threads = Table(
    "threads",
    metadata,
    *_owner(),
    Column("id", Key, nullable=False),
    Column("title", Text),
    Column("created_at", Key, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("allowed_image_domains", Text),
    Column("metadata", Text, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("active_run_id", Key),
    PrimaryKeyConstraint("organization_id", "user_id", "id"),
    Index(None, "organization_id", "user_id", "created_at", "id"),
)

items = Table(
    "items",
    metadata,
    *_owner(),
    Column("thread_id", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("run_id", Key),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "user_id", "thread_id", "id"),
    UniqueConstraint("organization_id", "user_id", "thread_id", "seq"),
    _of_thread(),
)

attachments = Table(
    "attachments",
    metadata,
    *_owner(),
    Column("id", Key, nullable=False),
    Column("thread_id", Key),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "user_id", "id"),
    Index(None, "organization_id", "user_id", "thread_id"),
    _of_thread(),
)

feedback = Table(
    "feedback",
    metadata,
    *_owner(),
    Column("thread_id", Key, nullable=False),
    Column("item_id", Key, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at", Key, nullable=False),
    PrimaryKeyConstraint("organization_id", "user_id", "thread_id", "item_id"),
    ForeignKeyConstraint(
        ["organization_id", "user_id", "thread_id", "item_id"],
        ["items.organization_id", "items.user_id", "items.thread_id", "items.id"],
        ondelete="CASCADE",
    ),
)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


runs = Table(
    "runs",
    metadata,
    *_owner(),
    Column("id", Key, nullable=False),
    Column("thread_id", Key, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", Key, nullable=False),
    Column("began_at", Text),
    Column("ended_at", Text),
    Column("stop_reason", Text),
    Column("stop_requested", Text),
    Column("replica", Key),
    Column("checkpoint", Text),
    Column("checkpoint_seq", Integer),
    Column("request_key", Key),
    Column("request_digest", Text),
    Column("confirmed_at", Text),
    PrimaryKeyConstraint("organization_id", "user_id", "id"),
    Index(None, "organization_id", "user_id", "thread_id", "seq"),
    _partial("ix_runs_active", "organization_id", "user_id", "thread_id", "seq", where="ended_at IS NULL"),
    _partial("ix_runs_replica", "replica", where="ended_at IS NULL"),
    _partial("ix_runs_unbegun", "organization_id", "user_id", "thread_id", where="began_at IS NULL"),
    _partial("uq_runs_running", "organization_id", "user_id", "thread_id", where="status = 'running'", unique=True),
    _partial(
        "uq_runs_request_key",
        "organization_id",
        "user_id",
        "request_key",
        where="request_key IS NOT NULL",
        unique=True,
    ),
    _of_thread(),
)
"""``seq`` is the run's place among those of its thread. ``uq_runs_running`` is the rule that one of them goes on at a
time; ``threads.active_run_id`` names it, so that what another writes can be refused by the statement that locks the
thread. ``confirmed_at`` is when a repeated request was last answered with it.
"""

replicas = Table(
    "replicas",
    metadata,
    Column("id", Key, nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("log_id", Text),
    PrimaryKeyConstraint("id"),
)
"""Processes that drive runs, and until when they are taken to be alive: seconds since 1970 by the database's clock."""
