"""Many processes: where in its log a run's checkpoint was made, the runs of a process, and which log they write."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("runs", sa.Column("checkpoint_seq", sa.Integer))
    condition = sa.text("ended_at IS NULL")
    op.create_index("ix_runs_replica", "runs", ["replica"], sqlite_where=condition, postgresql_where=condition)
    op.add_column("replicas", sa.Column("log_id", sa.Text))
