"""Senders keep an encrypted token, and what the platform tells about the number.

Revision ID: 0002
Revises: 0001

locks    sender, exclusively, for an instant: columns without a default are added without rewriting it
back     drops the columns; stored tokens are gone, so those senders need their environment variable again
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {
    "token_encrypted": "text",
    "status": "text",
    "throughput": "text",
    "messaging_limit": "text",
    "health": "text",
    "health_reason": "text",
    "refreshed_at": "timestamptz",
}


def upgrade() -> None:
    op.execute("ALTER TABLE sender " + ", ".join(f"ADD COLUMN {name} {kind}" for name, kind in COLUMNS.items()))


def downgrade() -> None:
    op.execute("ALTER TABLE sender " + ", ".join(f"DROP COLUMN {name}" for name in COLUMNS))
