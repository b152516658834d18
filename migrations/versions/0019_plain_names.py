"""Names without accents are taken into the index of names in half the time.

Revision ID: 0019
Revises: 0018

locks    contact, exclusively, for an instant: an index that was made concurrently takes the place of another
back     makes the former index, concurrently too
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PLAIN = 'lower("left"(name, 200))'
FOLDED = f"translate({PLAIN}, 'áàâäãåéèêëíìîïóòôöõúùûüñç', 'aaaaaaeeeeiiiiooooouuuunc')"
AFTER = f"CASE WHEN octet_length(name) = length(name) THEN {PLAIN} ELSE {FOLDED} END"


def upgrade() -> None:
    replace_index(AFTER)


def downgrade() -> None:
    replace_index(FOLDED)


def replace_index(name: str) -> None:
    with op.get_context().autocommit_block():
        # Beside running work: there may be millions of people.
        op.execute("SET statement_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_contact_name_words_next")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_contact_name_words_next ON contact USING gin "
            f"(array_to_tsvector(array_remove(string_to_array({name}, ' '), '')))"
        )
        op.execute("SET statement_timeout = '5s'")
    op.execute("DROP INDEX ix_contact_name_words")
    op.execute("ALTER INDEX ix_contact_name_words_next RENAME TO ix_contact_name_words")
