"""Webhooks whose reports found no message are found by an index, for their second hearing.

Revision ID: 0004
Revises: 0003

locks    none that anyone waits for: the index is made concurrently
back     drops the index; webhooks and what they did stay
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_webhook_event_unmatched"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(f"CREATE INDEX CONCURRENTLY {NAME} ON webhook_event (received_at) WHERE unmatched > 0")
        op.execute("SET statement_timeout = '5s'")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY {NAME}")
