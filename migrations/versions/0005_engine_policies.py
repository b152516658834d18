"""A campaign keeps its policies: what to do when in doubt, a canary, its priority, and what it was moved away from.

Revision ID: 0005
Revises: 0004

locks    campaign, exclusively, for an instant: it has few rows
back     drops the columns; every campaign waits for proof and has the same turn, canaries are forgotten, and retries
         of messages from before a move fail
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {
    "uncertain_policy": "text DEFAULT 'wait' NOT NULL",
    "priority": "text DEFAULT 'normal' NOT NULL",
    "canary": "jsonb",
    "canary_left": "integer",
    "canary_ids": "bigint[] DEFAULT '{}' NOT NULL",
    "canary_until": "timestamptz",
    "former": "jsonb DEFAULT '{}'::jsonb NOT NULL",
    "paused_at": "timestamptz",
}
WORDS = {"uncertain_policy": "'wait', 'ask', 'resend'", "priority": "'low', 'normal', 'high'"}


def upgrade() -> None:
    added = [f"ADD COLUMN {name} {kind}" for name, kind in COLUMNS.items()]
    added += [f"ADD CONSTRAINT ck_campaign_{name} CHECK ({name} IN ({words}))" for name, words in WORDS.items()]
    op.execute(f"ALTER TABLE campaign {', '.join(added)}")
    op.execute("UPDATE campaign SET priority = 'high' WHERE category IN ('utility', 'authentication')")


def downgrade() -> None:
    op.execute("ALTER TABLE campaign " + ", ".join(f"DROP COLUMN {name}" for name in COLUMNS))
