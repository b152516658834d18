"""A campaign may use several languages of a template, send files of its own, and tells what was mended in its list.

Revision ID: 0003
Revises: 0002

locks    message, campaign and audience_import, exclusively, for an instant: the columns are added without rewriting
back     drops columns and tables; campaigns in several languages go on in their fallback language alone, and files
         have to be given again
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UPGRADE = (
    # No foreign key: it would cost a lookup per row of a list, and a message's template is one of its campaign's.
    "ALTER TABLE message ADD COLUMN template_id bigint",
    "ALTER TABLE campaign ADD COLUMN language_column text, ADD COLUMN template_ids bigint[] DEFAULT '{}' NOT NULL",
    "ALTER TABLE audience_import ADD COLUMN notes jsonb DEFAULT '{}'::jsonb NOT NULL",
    """
    CREATE TABLE media_file (
        sha256 text NOT NULL,
        file_name text NOT NULL,
        mime text NOT NULL,
        size integer NOT NULL,
        content bytea NOT NULL,
        created_at timestamptz DEFAULT now() NOT NULL,
        CONSTRAINT pk_media_file PRIMARY KEY (sha256)
    )
    """,
    """
    CREATE TABLE media_upload (
        sender_id bigint NOT NULL,
        sha256 text NOT NULL,
        media_id text NOT NULL,
        uploaded_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_media_upload PRIMARY KEY (sender_id, sha256),
        CONSTRAINT fk_media_upload_sender_id FOREIGN KEY (sender_id) REFERENCES sender (id) ON DELETE CASCADE,
        CONSTRAINT fk_media_upload_sha256 FOREIGN KEY (sha256)
            REFERENCES media_file (sha256) ON DELETE CASCADE
    )
    """,
)
DOWNGRADE = (
    "DROP TABLE media_upload",
    "DROP TABLE media_file",
    "ALTER TABLE audience_import DROP COLUMN notes",
    "ALTER TABLE campaign DROP COLUMN language_column, DROP COLUMN template_ids",
    "ALTER TABLE message DROP COLUMN template_id",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
