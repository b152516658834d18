"""The SQL of who is who: user ids of the platform, the people behind answered messages, numbers that changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.consent.store import BannedPhone


class Known(NamedTuple):
    """A user id of the platform, or the digits of a number that somebody changed to, and whom it means."""

    user_id: str
    phone_identity: str
    phone_e164: str


def note_users(session: Session, known: Sequence[Known]) -> int:
    """Keep whom user ids mean. What somebody said before we knew whose id it was, is theirs now; how many events.

    Safe to run twice.
    """
    if not known:
        return 0
    columns = dict(zip(Known._fields, map(list, zip(*known, strict=True)), strict=True))
    return _count(session, _NOTE_USERS, columns)


def note_recipients(session: Session, told: Sequence[tuple[int, str]]) -> int:
    """The same of reports: message and the user id of the person it went to."""
    if not told:
        return 0
    message_ids, user_ids = map(list, zip(*told, strict=True))
    return _count(session, _NOTE_RECIPIENTS, {"message_ids": message_ids, "user_ids": user_ids})


# An event of somebody who was known by a user id alone stands under that id, until it is known whose it is. What stands
# under digits was said at a number, by whoever had it then. The lateral with OFFSET keeps to one index probe per new
# pair, whatever the statistics say.
_NOTE = """
    WITH known AS (
        INSERT INTO known_user (user_id, phone_identity, phone_e164)
        SELECT DISTINCT ON (user_id, phone_identity) user_id, phone_identity, phone_e164 FROM {said}
        ORDER BY user_id, phone_identity
        ON CONFLICT (user_id, phone_identity) DO NOTHING
        RETURNING user_id, phone_identity, phone_e164
    )
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, proof, occurred_at, recorded_by)
    SELECT DISTINCT known.phone_identity, known.phone_e164, before.category, before.action, before.source,
           before.proof, before.occurred_at, before.recorded_by
    FROM known CROSS JOIN LATERAL (
        SELECT * FROM consent_event
        WHERE consent_event.phone_identity = known.user_id AND known.user_id !~ '^[0-9]+$' OFFSET 0
    ) AS before
    WHERE NOT EXISTS (
        SELECT FROM consent_event AS same
        WHERE same.phone_identity = known.phone_identity AND same.category = before.category
          AND same.action = before.action AND same.source = before.source AND same.proof = before.proof)
"""
_NOTE_USERS = text(
    _NOTE.format(
        said="""unnest(CAST(:user_id AS text[]), CAST(:phone_identity AS text[]), CAST(:phone_e164 AS text[]))
            AS said(user_id, phone_identity, phone_e164)"""
    )
)
# Whom an erasure took out of a message is not to be found again by it.
_NOTE_RECIPIENTS = text(
    _NOTE.format(
        said="""unnest(CAST(:message_ids AS bigint[]), CAST(:user_ids AS text[])) AS said(message_id, user_id)
            JOIN message ON message.id = said.message_id AND message.phone_e164 <> 'erased'"""
    )
    .replace("SELECT DISTINCT ON (user_id, phone_identity) user_id,", "SELECT DISTINCT ON (1, 2) said.user_id,", 1)
    .replace("ORDER BY user_id, phone_identity", "ORDER BY 1, 2", 1)
)


def people_by_user_id(session: Session, user_ids: Sequence[str]) -> dict[str, list[BannedPhone]]:
    """The people who are known by a user id, under each identity that it may mean."""
    found: dict[str, list[BannedPhone]] = {}
    for user_id, identity, phone in session.execute(_BY_USER_ID, {"user_ids": list(user_ids)}) if user_ids else ():
        found.setdefault(user_id, []).append(BannedPhone(identity, phone))
    return found


_BY_USER_ID = text("""
    SELECT user_id, phone_identity, phone_e164 FROM known_user WHERE user_id = ANY(:user_ids)
    UNION SELECT user_id, phone_identity, phone_e164 FROM contact WHERE user_id = ANY(:user_ids) ORDER BY 1, 2
""")


def recipients_of(session: Session, wamids: Sequence[str]) -> dict[str, BannedPhone]:
    """The people whom messages of ours went to, by wamid of any attempt."""
    rows = session.execute(_RECIPIENTS, {"wamids": list(wamids)}) if wamids else ()
    return {wamid: BannedPhone(identity, phone) for wamid, identity, phone in rows}


_RECIPIENTS = text("""
    SELECT wamid, phone_identity, phone_e164 FROM message WHERE wamid = ANY(:wamids)
    UNION ALL
    SELECT attempt.wamid, message.phone_identity, message.phone_e164
    FROM attempt JOIN message ON message.id = attempt.message_id WHERE attempt.wamid = ANY(:wamids)
""")


class Moved(NamedTuple):
    """Somebody who has another number now; `proof` names the message that told of it, `at` is when."""

    old_identity: str
    old_e164: str
    phone_identity: str
    phone_e164: str
    wa_id: str
    proof: str
    at: datetime


def move_people(session: Session, moved: Sequence[Moved]) -> int:
    """Follow people to their new numbers: what they withdrew, bans, spared marketing, the contact; events that are new.

    Safe to run twice. An opt-in is not carried: it was given for the number that was told. And the old number is
    withdrawn from, for whoever gets it next has agreed to nothing.
    """
    if not moved:
        return 0
    columns = dict(zip(Moved._fields, map(list, zip(*moved, strict=True)), strict=True))
    for statement in (_CARRY_BANS, _CARRY_CAPS, _MOVE_CONTACTS):
        session.execute(statement, columns)
    return _count(session, _CARRY, columns) + _count(session, _LEAVE, columns)


_MOVED = """unnest(CAST(:old_identity AS text[]), CAST(:old_e164 AS text[]), CAST(:phone_identity AS text[]),
                CAST(:phone_e164 AS text[]), CAST(:wa_id AS text[]), CAST(:proof AS text[]), CAST(:at AS timestamptz[]))
        AS moved(old_identity, old_e164, phone_identity, phone_e164, wa_id, proof, at)"""

LEFT = "number_left"
"""The source of the event that withdraws from a number that somebody has left; it says nothing of what they want."""

_CARRY = text(f"""
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, proof, occurred_at, recorded_by)
    SELECT DISTINCT ON (moved.phone_identity, about.category, moved.proof)
           moved.phone_identity, moved.phone_e164, about.category, 'opt_out', 'number_change', moved.proof, moved.at,
           'webhook'
    FROM {_MOVED}
    CROSS JOIN unnest(ARRAY['marketing', 'utility', 'authentication']) AS about(category)
    WHERE (SELECT said.action FROM consent_event AS said
           WHERE said.phone_identity = moved.old_identity AND said.category IN (about.category, 'all')
             AND said.source <> '{LEFT}'
           ORDER BY said.occurred_at DESC, said.action DESC LIMIT 1) = 'opt_out'
      AND NOT EXISTS (
          SELECT FROM consent_event AS known
          WHERE known.phone_identity = moved.phone_identity AND known.category = about.category
            AND known.source = 'number_change' AND known.proof = moved.proof)
""")
_LEAVE = text(f"""
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, proof, occurred_at, recorded_by)
    SELECT DISTINCT ON (moved.old_identity, moved.proof)
           moved.old_identity, moved.old_e164, 'all', 'opt_out', '{LEFT}', moved.proof, moved.at, 'webhook'
    FROM {_MOVED}
    WHERE NOT EXISTS (
        SELECT FROM consent_event AS known
        WHERE known.phone_identity = moved.old_identity AND known.source = '{LEFT}' AND known.proof = moved.proof)
""")
_CARRY_BANS = text(f"""
    INSERT INTO suppression (phone_identity, phone_e164, category, reason, source, until)
    SELECT DISTINCT ON (moved.phone_identity, ban.category, ban.reason)
           moved.phone_identity, moved.phone_e164, ban.category, ban.reason, ban.source, ban.until
    FROM {_MOVED} JOIN suppression AS ban ON ban.phone_identity = moved.old_identity
    WHERE ban.reason IN ('opted_out', 'manual')
    ORDER BY moved.phone_identity, ban.category, ban.reason
    ON CONFLICT (phone_identity, category, reason) DO NOTHING
""")
# The limit is the person's, platform.md E: trying early at the new number would only lengthen it.
_CARRY_CAPS = text(f"""
    INSERT INTO marketing_cap (phone_identity, until)
    SELECT moved.phone_identity, max(cap.until)
    FROM {_MOVED} JOIN marketing_cap AS cap ON cap.phone_identity = moved.old_identity
    GROUP BY moved.phone_identity ORDER BY moved.phone_identity
    ON CONFLICT (phone_identity) DO UPDATE SET until = GREATEST(marketing_cap.until, excluded.until)
    WHERE marketing_cap.until < excluded.until
""")
# A contact that is younger than the change is somebody else, who has the old number now. What is known of the new
# number stays; what only the old one knew is added. The service window stays behind: nobody has written from there.
_MOVE_CONTACTS = text(f"""
    WITH gone AS (
        DELETE FROM contact USING {_MOVED}
        WHERE contact.phone_identity = moved.old_identity AND contact.created_at <= moved.at
        RETURNING contact.*, moved.phone_identity AS new_identity, moved.phone_e164 AS new_e164,
                  moved.wa_id AS new_wa_id, moved.at AS moved_at
    )
    INSERT INTO contact AS known (phone_identity, phone_e164, wa_id, region, time_zone, name, attributes, created_at)
    SELECT DISTINCT ON (new_identity) new_identity, new_e164, new_wa_id, region, time_zone, name, attributes, created_at
    FROM gone ORDER BY new_identity, moved_at DESC
    ON CONFLICT (phone_identity) DO UPDATE SET
        wa_id = COALESCE(known.wa_id, excluded.wa_id), region = COALESCE(known.region, excluded.region),
        time_zone = COALESCE(known.time_zone, excluded.time_zone), name = COALESCE(known.name, excluded.name),
        attributes = excluded.attributes || known.attributes, updated_at = now()
""")


def _count(session: Session, statement: Any, values: dict[str, Any]) -> int:
    return session.execute(statement, values).rowcount  # type: ignore[attr-defined, no-any-return]
