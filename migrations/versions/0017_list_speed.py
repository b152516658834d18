"""Lists: how far the engine has watched the consent ledger, what erasures did to kept uploads, and imports made faster.

A message's campaign is looked for once per statement instead of once per row; the gate finds all it asks of the
ledger in one index.

Revision ID: 0017
Revises: 0016

locks    upload, message, campaign and consent_event, exclusively, for an instant: columns without a default, triggers,
         and an index that was made concurrently takes the place of another
back     drops them: the watch begins anew, and which uploads were rewritten is forgotten; locks message and campaign
         against writing while every message's campaign is looked for
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Beside running work: a ledger may be large.
BESIDE = (
    "SET statement_timeout = 0",
    "DROP INDEX CONCURRENTLY IF EXISTS ix_consent_event_said",
    """
    CREATE INDEX CONCURRENTLY ix_consent_event_said ON consent_event (phone_identity, occurred_at DESC, action DESC)
    INCLUDE (category)
    """,
    "SET statement_timeout = '5s'",
)
UPGRADE: tuple[str, ...] = (
    """
    CREATE TABLE consent_watch (
        id smallint NOT NULL,
        seal_id bigint NOT NULL,
        seal_digest bytea,
        event_id bigint NOT NULL,
        erasure_id bigint NOT NULL,
        erasure_digest bytea,
        newest_id bigint NOT NULL,
        newest_digest bytea,
        faults jsonb NOT NULL,
        fault_count integer NOT NULL,
        standing jsonb NOT NULL,
        standing_count integer NOT NULL,
        found_at timestamptz,
        round_at timestamptz NOT NULL,
        whole_at timestamptz,
        looked_at timestamptz NOT NULL,
        CONSTRAINT pk_consent_watch PRIMARY KEY (id),
        CONSTRAINT ck_consent_watch_one_row CHECK (id = 1)
    )
    """,
    "ALTER TABLE upload ADD COLUMN erased_at timestamptz, ADD COLUMN erased_rows integer, "
    "ADD COLUMN erased_sha256 text",
    # Names and addresses that acts were written down with go with an erasure; who did what, and when, stays.
    """
    CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND current_setting('campaign.erasing', true) = 'on'
           AND (NEW.id, NEW.at, NEW.actor, NEW.act) IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.act) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the audit log is only ever appended to';
    END $$
    """,
    "DROP INDEX ix_consent_event_phone_identity",
    "ALTER INDEX ix_consent_event_said RENAME TO ix_consent_event_phone_identity",
    # A foreign key asks for the campaign of every row, a third of the time that a message takes to write.
    "ALTER TABLE message DROP CONSTRAINT fk_message_campaign_id",
    """
    CREATE FUNCTION require_campaign_of_messages() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        missing bigint[] := ARRAY(SELECT DISTINCT campaign_id FROM added);
        one bigint;
    BEGIN
        -- The lock of a foreign key: until we commit, nobody deletes the campaign.
        FOR one IN SELECT id FROM campaign WHERE id = ANY(missing) ORDER BY id FOR KEY SHARE LOOP
            missing := array_remove(missing, one);
        END LOOP;
        IF cardinality(missing) > 0 THEN
            RAISE foreign_key_violation USING MESSAGE = 'message belongs to no campaign: ' || missing::text;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER campaign_exists AFTER INSERT ON message REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION require_campaign_of_messages()
    """,
    """
    CREATE FUNCTION take_messages_along() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM message WHERE campaign_id IN (SELECT id FROM gone);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER messages_go_too AFTER DELETE ON campaign REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION take_messages_along()
    """,
)
DOWNGRADE: tuple[str, ...] = (
    "SET LOCAL statement_timeout = 0",
    """
    CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is only ever appended to';
    END $$
    """,
    "DROP TRIGGER messages_go_too ON campaign",
    "DROP FUNCTION take_messages_along",
    "DROP TRIGGER campaign_exists ON message",
    "DROP FUNCTION require_campaign_of_messages",
    "ALTER TABLE message ADD CONSTRAINT fk_message_campaign_id "
    "FOREIGN KEY (campaign_id) REFERENCES campaign (id) ON DELETE CASCADE",
    "DROP INDEX ix_consent_event_phone_identity",
    "CREATE INDEX ix_consent_event_phone_identity ON consent_event (phone_identity, occurred_at DESC)",
    "ALTER TABLE upload DROP COLUMN erased_sha256, DROP COLUMN erased_rows, DROP COLUMN erased_at",
    "DROP TABLE consent_watch",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in BESIDE:
            op.execute(statement)
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
