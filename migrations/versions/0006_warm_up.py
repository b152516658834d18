"""Warm-up plans of senders: a daily cap that rises, and when it began.

Revision ID: 0006
Revises: 0005

locks    sender, exclusively, for an instant: it has few rows
back     drops the columns; senders go as far as their messaging limit allows
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE sender ADD COLUMN warm_up jsonb, ADD COLUMN warm_up_began_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE sender DROP COLUMN warm_up, DROP COLUMN warm_up_began_at")
