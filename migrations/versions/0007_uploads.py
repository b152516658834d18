"""Uploaded files kept by their digest, how a list was read, and rejected rows as a spreadsheet numbers them.

Revision ID: 0007
Revises: 0006

A message's sender is its campaign's, and the campaign refers to it: asking for the sender of every row of a list as
well took a tenth of an import.

locks    `audience_import`, `rejected_row`, `message` and `sender` for a moment: nothing is rewritten or read through
back     drops the table and the columns, and checks the senders of all messages; files that were kept stay in the home
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_upload"),
    )
    op.add_column("audience_import", sa.Column("reading", JSONB(), server_default="{}", nullable=False))
    op.add_column("audience_import", sa.Column("warnings", JSONB(), server_default="[]", nullable=False))
    op.add_column("rejected_row", sa.Column("file_row", sa.Integer(), nullable=True))
    op.drop_constraint("fk_message_sender_id", "message", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key("fk_message_sender_id", "message", "sender", ["sender_id"], ["id"])
    op.drop_column("rejected_row", "file_row")
    op.drop_column("audience_import", "warnings")
    op.drop_column("audience_import", "reading")
    op.drop_table("upload")
