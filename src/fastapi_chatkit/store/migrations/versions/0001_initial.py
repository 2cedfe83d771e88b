"""Threads, items, attachments, feedback and runs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OWNER = ("organization_id", "user_id")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Apply."""
    _create_threads()
    _create_items()
    _create_attachments()
    _create_feedback()
    _create_runs()


def _owner() -> tuple[sa.Column[str], sa.Column[str]]:
    return sa.Column("organization_id", KEY, nullable=False), sa.Column("user_id", KEY, nullable=False)


def _of_thread(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [*OWNER, "thread_id"],
        ["threads.organization_id", "threads.user_id", "threads.id"],
        name=f"fk_{table}_threads",
        ondelete="CASCADE",
    )


def _create_threads() -> None:
    op.create_table(
        "threads",
        *_owner(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("created_at", KEY, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("allowed_image_domains", sa.Text),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(*OWNER, "id", name="pk_threads"),
    )
    op.create_index("ix_threads_organization_id_user_id_created_at_id", "threads", [*OWNER, "created_at", "id"])


def _create_items() -> None:
    op.create_table(
        "items",
        *_owner(),
        sa.Column("thread_id", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("run_id", KEY),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*OWNER, "thread_id", "id", name="pk_items"),
        sa.UniqueConstraint(*OWNER, "thread_id", "seq", name="uq_items_organization_id_user_id_thread_id_seq"),
        _of_thread("items"),
    )


def _create_attachments() -> None:
    op.create_table(
        "attachments",
        *_owner(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("thread_id", KEY),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*OWNER, "id", name="pk_attachments"),
        _of_thread("attachments"),
    )
    op.create_index("ix_attachments_organization_id_user_id_thread_id", "attachments", [*OWNER, "thread_id"])


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        *_owner(),
        sa.Column("thread_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("created_at", KEY, nullable=False),
        sa.PrimaryKeyConstraint(*OWNER, "thread_id", "item_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            [*OWNER, "thread_id", "item_id"],
            ["items.organization_id", "items.user_id", "items.thread_id", "items.id"],
            name="fk_feedback_items",
            ondelete="CASCADE",
        ),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        *_owner(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("thread_id", KEY, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("created_at", KEY, nullable=False),
        sa.Column("ended_at", sa.Text),
        sa.Column("stop_reason", sa.Text),
        sa.PrimaryKeyConstraint(*OWNER, "id", name="pk_runs"),
        _of_thread("runs"),
    )
    op.create_index("ix_runs_organization_id_user_id_thread_id_created_at", "runs", [*OWNER, "thread_id", "created_at"])
