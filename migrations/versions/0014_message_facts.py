"""Facts of a message that only webhooks tell: how it is priced, and the user id of the person it went to.

Revision ID: 0014
Revises: 0013

locks    message, exclusively, for an instant: columns without a default need no rewriting
back     drops the columns and the user ids: what the platform told of them is lost, people behind hidden phones are
         known again when they are written to
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UPGRADE: tuple[str, ...] = (
    """
    ALTER TABLE message ADD COLUMN pricing_model text, ADD COLUMN pricing_type text, ADD COLUMN user_id text
    """,
    """
    CREATE TABLE known_user (
        user_id text NOT NULL,
        phone_identity text NOT NULL,
        phone_e164 text NOT NULL,
        created_at timestamptz DEFAULT now() NOT NULL,
        CONSTRAINT pk_known_user PRIMARY KEY (user_id, phone_identity)
    )
    """,
    "CREATE INDEX ix_known_user_phone_identity ON known_user (phone_identity)",
)
DOWNGRADE: tuple[str, ...] = (
    "DROP TABLE known_user",
    "ALTER TABLE message DROP COLUMN user_id, DROP COLUMN pricing_type, DROP COLUMN pricing_model",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
