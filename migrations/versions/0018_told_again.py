"""What is told again: reports that are older than a resume, doubts of a template that come back, and events of the
ledger out of which a second erasure takes a second person.

Revision ID: 0018
Revises: 0017

locks    campaign and template, exclusively, for an instant: columns without a rewrite
back     drops them; an event that an erasure has marked cannot be marked by another one any more
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A text about one person may stand in the event of another: whoever is erased second must find the event as open as
# the first one did. The newest erasure knows the digest that it left.
REFUSE_REWRITING = """
CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.category, NEW.action, NEW.occurred_at, NEW.recorded_at)
       IS DISTINCT FROM (OLD.id, OLD.category, OLD.action, OLD.occurred_at, OLD.recorded_at)
       OR NEW.erasure_id IS NULL OR {marked} THEN
        RAISE EXCEPTION 'consent_event is append-only: an erasure takes the person out of event % and changes no more',
            OLD.id;
    END IF;
    RETURN NEW;
END $$
"""
UPGRADE = (
    "ALTER TABLE campaign ADD COLUMN resumed_at timestamptz",
    "ALTER TABLE template ADD COLUMN doubts smallint DEFAULT '0' NOT NULL",
    REFUSE_REWRITING.format(marked="NEW.erasure_id <= COALESCE(OLD.erasure_id, 0)"),
)
DOWNGRADE = (
    REFUSE_REWRITING.format(marked="OLD.erasure_id IS NOT NULL"),
    "ALTER TABLE template DROP COLUMN doubts",
    "ALTER TABLE campaign DROP COLUMN resumed_at",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
