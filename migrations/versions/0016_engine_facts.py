"""Facts of the engine: templates that the platform has to be asked about.

Revision ID: 0016
Revises: 0015

locks    template for an instant: the new columns are empty
back     drops the columns: such a template is read again at the usual pace alone
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UPGRADE: tuple[str, ...] = ("ALTER TABLE template ADD COLUMN doubted_at timestamptz, ADD COLUMN asked_at timestamptz",)
DOWNGRADE: tuple[str, ...] = ("ALTER TABLE template DROP COLUMN doubted_at, DROP COLUMN asked_at",)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
