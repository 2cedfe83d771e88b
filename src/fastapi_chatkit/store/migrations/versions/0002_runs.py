"""Runs: one at a time and others in line, checkpoints, requests to stop, idempotency keys, and leases of processes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWNER = ("organization_id", "user_id")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BY_TIME = "ix_runs_organization_id_user_id_thread_id_created_at"

PLACES = """
UPDATE runs SET seq = -(
    SELECT count(*) FROM runs AS later
    WHERE later.organization_id = runs.organization_id AND later.user_id = runs.user_id
        AND later.thread_id = runs.thread_id AND (later.created_at, later.id) > (runs.created_at, runs.id)
)
"""
"""The runs that there are come before those to come, whose places are the threads' sequence numbers."""

INTERRUPT = """
UPDATE runs SET status = 'interrupted', stop_reason = 'crashed', ended_at = created_at WHERE ended_at IS NULL
"""
"""Whoever drove them did not know of leases, and has been stopped for this migration."""


def upgrade() -> None:
    """Apply."""
    op.add_column("threads", sa.Column("active_run_id", KEY))
    op.add_column("runs", sa.Column("seq", sa.Integer, nullable=False, server_default="0"))
    for name, kind in (
        ("began_at", sa.Text),
        ("stop_requested", sa.Text),
        ("replica", KEY),
        ("checkpoint", sa.Text),
        ("request_key", KEY),
        ("request_digest", sa.Text),
    ):
        op.add_column("runs", sa.Column(name, kind))
    op.execute(PLACES)
    with op.batch_alter_table("runs") as batch:
        batch.alter_column("seq", server_default=None)
    op.execute(INTERRUPT)
    op.execute("UPDATE runs SET began_at = created_at")
    op.drop_index(BY_TIME, "runs")
    op.create_index("ix_runs_organization_id_user_id_thread_id_seq", "runs", [*OWNER, "thread_id", "seq"])
    _partial("ix_runs_active", [*OWNER, "thread_id", "seq"], "ended_at IS NULL", unique=False)
    _partial("ix_runs_unbegun", [*OWNER, "thread_id"], "began_at IS NULL", unique=False)
    _partial("uq_runs_running", [*OWNER, "thread_id"], "status = 'running'")
    _partial("uq_runs_request_key", [*OWNER, "request_key"], "request_key IS NOT NULL")
    op.create_table(
        "replicas",
        sa.Column("id", KEY, nullable=False),
        sa.Column("lease_until", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replicas"),
    )


def _partial(name: str, columns: list[str], where: str, *, unique: bool = True) -> None:
    condition = sa.text(where)
    op.create_index(name, "runs", columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
