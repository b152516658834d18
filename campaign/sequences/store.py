"""The SQL of sequences: everything over sets of people."""

from collections.abc import Mapping
from collections.abc import Sequence as Sequence_
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from campaign.sequences.verdict import GO, LOOK_AT_SQL, OPTED_OUT, REPLIED, VERDICT_SQL, WAIT
from models import Campaign, Sequence, SequenceStep
from models.sequence import SequenceState
from models.states import CampaignState, MessageState

LONG = text("SET LOCAL statement_timeout = '15min'")


def sequences(session: Session) -> list[Sequence]:
    """All sequences, newest first."""
    return list(session.scalars(select(Sequence).order_by(Sequence.id.desc())))


def lines(session: Session, *, before_id: int | None, limit: int) -> Sequence_[Row[Any]]:
    """Sequences as a list shows them, newest first; who has not ended is counted in an index of nobody else."""
    return session.execute(_LINES, {"before_id": before_id, "limit": limit}).all()


_LINES = text("""
    SELECT q.id, q.name, q.state, q.steps, COALESCE(a.message_count, 0) AS people,
           (SELECT count(*) FROM sequence_person p WHERE p.sequence_id = q.id AND p.ended_as IS NULL) AS active,
           q.created_at, q.launched_at, q.ended_at
    FROM sequence q
    LEFT JOIN sequence_step s ON s.sequence_id = q.id AND s.number = 1
    LEFT JOIN audience_import a ON a.campaign_id = s.campaign_id
    WHERE CAST(:before_id AS bigint) IS NULL OR q.id < :before_id
    ORDER BY q.id DESC LIMIT :limit
""")


def asked_by(session: Session, sequence_id: int) -> str | None:
    """Who asked for the launch, while it waits for a second person's word."""
    found: str | None = session.execute(_ASKED_BY, {"id": sequence_id}).scalar_one_or_none()
    return found


_ASKED_BY = text("""
    SELECT a.asked_by FROM sequence_step s JOIN approval a ON a.campaign_id = s.campaign_id
    WHERE s.sequence_id = :id AND s.number = 1 AND a.approved_at IS NULL
""")


def find_sequence(session: Session, name: str) -> Sequence | None:
    """A sequence by name."""
    return session.scalar(select(Sequence).where(Sequence.name == name))


def lock_sequence(session: Session, name: str) -> Sequence | None:
    """A sequence by name with its row locked until the caller commits."""
    return session.scalar(select(Sequence).where(Sequence.name == name).with_for_update())


def names(session: Session) -> list[str]:
    """The names of all sequences."""
    return list(session.scalars(select(Sequence.name).order_by(Sequence.name)))


def steps_of(session: Session, sequence_id: int) -> list[tuple[SequenceStep, Campaign]]:
    """The steps of a sequence with their campaigns, in order."""
    found = session.execute(
        select(SequenceStep, Campaign)
        .join(Campaign, Campaign.id == SequenceStep.campaign_id)
        .where(SequenceStep.sequence_id == sequence_id)
        .order_by(SequenceStep.number)
    )
    return [(step, campaign) for step, campaign in found]


def add_people(session: Session, sequence_id: int, first_campaign_id: int, now: datetime) -> None:
    """Everybody on the first step's list begins there; the values of later steps go with them."""
    session.execute(LONG)
    session.execute(_ADD_PEOPLE, {"sequence_id": sequence_id, "campaign_id": first_campaign_id, "now": now})


_ADD_PEOPLE = text("""
    INSERT INTO sequence_person (sequence_id, phone_identity, step, message_id, parameters, moved_at, look_at)
    SELECT :sequence_id, m.phone_identity, 1, m.id,
           COALESCE((SELECT jsonb_object_agg(key, value) FROM jsonb_each(m.parameters) WHERE key ~ '^[0-9]+/'), '{}'),
           :now, :now
    FROM message m WHERE m.campaign_id = :campaign_id
""")


def copy_zone_groups(session: Session, first_campaign_id: int, campaign_id: int, now: datetime) -> None:
    """A later step keeps the same hours for the same people as the first."""
    statement = text("""
        INSERT INTO zone_group (campaign_id, number, zones, people, opened_until)
        SELECT :campaign_id, number, zones, people, :now FROM zone_group WHERE campaign_id = :first
    """)
    session.execute(statement, {"campaign_id": campaign_id, "first": first_campaign_id, "now": now})


class StepToSweep(NamedTuple):
    """One step of a running sequence at which somebody falls due to be looked at."""

    sequence_id: int
    number: int
    last: bool


def steps_due(session: Session, now: datetime) -> list[StepToSweep]:
    """Steps of running sequences with somebody to look at. One index probe each; later steps first, so that whoever
    moves is looked at there in the next sweep."""
    return [StepToSweep(*row) for row in session.execute(_STEPS_DUE, {"now": now})]


_STEPS_DUE = text(f"""
    SELECT s.sequence_id, s.number, s.number = q.steps
    FROM sequence q JOIN sequence_step s ON s.sequence_id = q.id
    WHERE q.state = '{SequenceState.RUNNING.value}'
      AND EXISTS (SELECT 1 FROM sequence_person p
                  WHERE p.sequence_id = q.id AND p.step = s.number AND p.ended_as IS NULL AND p.look_at <= :now)
    ORDER BY s.sequence_id, s.number DESC
""")


def lock_running(session: Session, sequence_id: int) -> bool:
    """Keep a running sequence from being paused or cancelled until the commit; False when it does not run."""
    statement = text(
        f"SELECT 1 FROM sequence WHERE id = :id AND state = '{SequenceState.RUNNING.value}' FOR SHARE SKIP LOCKED"
    )
    return session.execute(statement, {"id": sequence_id}).first() is not None


def lock_onward(session: Session, sequence_id: int, number: int) -> tuple[SequenceStep, Campaign] | None:
    """A step with its campaign, whose row is locked until the caller commits; None while somebody else holds it."""
    found = session.execute(
        select(SequenceStep, Campaign)
        .join(Campaign, Campaign.id == SequenceStep.campaign_id)
        .where(SequenceStep.sequence_id == sequence_id, SequenceStep.number == number)
        .with_for_update(of=Campaign, key_share=True, skip_locked=True)
    ).one_or_none()
    return (found[0], found[1]) if found is not None else None


class Looked(NamedTuple):
    """People looked at, and how many of them went on and ended."""

    people: int
    moved: int
    ended: int


def look(
    session: Session,
    step: StepToSweep,
    onward: tuple[SequenceStep, Campaign] | None,
    *,
    now: datetime,
    told: datetime,
    limit: int,
) -> Looked:
    """Judge the people of one step who fall due, and move, end or put off each: one statement.

    A message of the next step and the person's place there are written together, so a kill leaves both or neither;
    who is looked at by another process is left to it, and (campaign, identity) is unique besides.

    locks  the people, SKIP LOCKED, until the caller commits
    """
    following, campaign = onward or (None, None)
    values = {
        "sequence_id": step.sequence_id,
        "step": step.number,
        "next": step.number + 1,
        "now": now,
        "told": told,
        "limit": limit,
        "condition": following.condition if following else None,
        "delay": timedelta(seconds=following.delay_s) if following else None,
        "patience": timedelta(seconds=following.patience_s) if following else None,
        "open": campaign is not None and campaign.state != CampaignState.CANCELLED,
        "deadline_at": campaign.deadline_at if campaign else None,
        "campaign_id": campaign.id if campaign else None,
        "sender_id": campaign.sender_id if campaign else None,
    }
    return Looked(*session.execute(_LOOK, values).one())


# What somebody said is asked for over all their steps so far: an answer to an early one may come late.
_LOOK = text(f"""
    WITH due AS (
        SELECT phone_identity, message_id, moved_at, parameters FROM sequence_person
        WHERE sequence_id = :sequence_id AND step = :step AND ended_as IS NULL AND look_at <= :now
        ORDER BY look_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), standing AS (
        SELECT due.phone_identity, due.moved_at, due.parameters AS kept, m.state, m.reason, m.delivered_at, m.read_at,
               m.failed_at, COALESCE(m.lease_until > :now, false) AS leased, said.replied_at,
               COALESCE(said.answered, false) AS answered, COALESCE(said.opted_out, false) AS opted_out,
               CAST(:condition AS text) AS condition, CAST(:delay AS interval) AS delay,
               CAST(:patience AS interval) AS patience, CAST(:open AS boolean) AS open,
               CAST(:deadline_at AS timestamptz) AS deadline_at,
               m.row_number, m.phone_e164, m.name, m.zone_group
        FROM due JOIN message m ON m.id = due.message_id
        LEFT JOIN LATERAL (
            SELECT bool_or(r.opts_out) AS opted_out, bool_or(s.reply_ends AND r.kind <> 'preference') AS answered,
                   min(r.received_at) FILTER (WHERE r.message_id = due.message_id AND r.kind <> 'preference')
                       AS replied_at
            FROM sequence_step s
            JOIN message earlier ON earlier.campaign_id = s.campaign_id AND earlier.phone_identity = due.phone_identity
            JOIN reply r ON r.message_id = earlier.id
            WHERE s.sequence_id = :sequence_id AND s.number <= :step
        ) said ON true
    ), judged AS MATERIALIZED (
        SELECT *, {VERDICT_SQL} AS word, {LOOK_AT_SQL} AS next_look FROM standing
    ), moved AS (
        INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                             due_at, queued_at, zone_group)
        SELECT :campaign_id, :sender_id, row_number, phone_identity, phone_e164, name,
               COALESCE((SELECT jsonb_object_agg(substr(key, length(CAST(:next AS text)) + 2), value)
                         FROM jsonb_each(kept) WHERE starts_with(key, CAST(:next AS text) || '/')), '{{}}'),
               '{MessageState.QUEUED.value}',
               GREATEST(CAST(:now AS timestamptz), (
                   SELECT o.opens_at FROM opening o
                   WHERE o.campaign_id = :campaign_id AND o.zone_group = judged.zone_group AND o.closes_at > :now
                   ORDER BY o.closes_at LIMIT 1)),
               :now, zone_group
        FROM judged WHERE word = '{GO}' ORDER BY row_number
        ON CONFLICT (campaign_id, phone_identity) DO NOTHING
        RETURNING id, phone_identity
    ), placed AS (
        UPDATE sequence_person p SET
            step = CASE WHEN moved.id IS NOT NULL THEN :next ELSE p.step END,
            message_id = COALESCE(moved.id, p.message_id),
            moved_at = CASE WHEN moved.id IS NOT NULL THEN CAST(:now AS timestamptz) ELSE p.moved_at END,
            look_at = CASE WHEN moved.id IS NOT NULL THEN CAST(:now AS timestamptz) + interval '5 seconds'
                           WHEN judged.word = '{WAIT}' THEN judged.next_look ELSE p.look_at END,
            ended_as = CASE WHEN moved.id IS NOT NULL OR judged.word = '{WAIT}' THEN NULL
                            WHEN judged.word = '{GO}' THEN 'there_before' ELSE judged.word END,
            ended_at = CASE WHEN moved.id IS NOT NULL OR judged.word = '{WAIT}' THEN NULL
                            ELSE CAST(:now AS timestamptz) END
        FROM judged LEFT JOIN moved USING (phone_identity)
        WHERE p.sequence_id = :sequence_id AND p.phone_identity = judged.phone_identity
        RETURNING p.ended_as, moved.id
    )
    SELECT count(*) AS people, count(id) AS moved, count(ended_as) AS ended FROM placed
""")


def count_rows(session: Session, campaign_id: int, people: int) -> None:
    """Whoever comes to a step is a row of its list, so that its report adds up."""
    statement = text("""
        UPDATE audience_import SET row_count = row_count + :people, message_count = message_count + :people
        WHERE campaign_id = :campaign_id
    """)
    session.execute(statement, {"campaign_id": campaign_id, "people": people})


def end_answered(session: Session, since: datetime, now: datetime) -> int:
    """End the sequence at once for who has replied or opted out since; what waits for them is withdrawn. How many.

    locks  the people, then their messages in the order of their ids
    """
    return len(session.execute(_END_ANSWERED, {"since": since, "now": now}).all())


_END_ANSWERED = text(f"""
    WITH said AS (
        SELECT s.sequence_id, m.phone_identity, bool_or(r.opts_out) AS opted_out
        FROM sequence q
        JOIN sequence_step s ON s.sequence_id = q.id
        JOIN reply r ON r.campaign_id = s.campaign_id AND r.received_at >= :since
                     AND (r.opts_out OR (s.reply_ends AND r.kind <> 'preference'))
        JOIN message m ON m.id = r.message_id
        WHERE q.state IN ('running', 'paused')
        GROUP BY s.sequence_id, m.phone_identity
    ), open AS (
        SELECT p.sequence_id, p.phone_identity, p.message_id, said.opted_out
        FROM said JOIN sequence_person p ON p.sequence_id = said.sequence_id
             AND p.phone_identity = said.phone_identity AND p.ended_as IS NULL
        ORDER BY p.sequence_id, p.phone_identity FOR UPDATE OF p SKIP LOCKED
    ), waiting AS (
        SELECT m.id FROM message m JOIN open ON open.message_id = m.id AND NOT open.opted_out
        WHERE m.state = '{MessageState.QUEUED.value}' ORDER BY m.id FOR UPDATE OF m
    ), withdrawn AS (
        UPDATE message m SET state = '{MessageState.SKIPPED.value}', reason = '{REPLIED}'
        FROM waiting WHERE m.id = waiting.id
    )
    UPDATE sequence_person p
    SET ended_as = CASE WHEN open.opted_out THEN '{OPTED_OUT}' ELSE '{REPLIED}' END, ended_at = :now
    FROM open WHERE p.sequence_id = open.sequence_id AND p.phone_identity = open.phone_identity
    RETURNING 1
""")


def complete_ended(session: Session, now: datetime) -> list[int]:
    """Running sequences of which every person has ended are completed; their ids."""
    return list(session.scalars(_COMPLETE, {"now": now}))


_COMPLETE = text("""
    UPDATE sequence q SET state = 'completed', ended_at = :now
    WHERE q.state = 'running' AND NOT EXISTS (
        SELECT 1 FROM sequence_person p WHERE p.sequence_id = q.id AND p.ended_as IS NULL)
    RETURNING q.id
""")


def end_people(session: Session, sequence_id: int, why: str, now: datetime) -> int:
    """End a sequence for everybody who is still in it; how many."""
    session.execute(LONG)
    ended = session.execute(
        text("""
            WITH ended AS (
                UPDATE sequence_person SET ended_as = :why, ended_at = :now
                WHERE sequence_id = :id AND ended_as IS NULL RETURNING 1)
            SELECT count(*) FROM ended
        """),
        {"id": sequence_id, "why": why, "now": now},
    )
    return int(ended.scalar_one())


def people_of(session: Session, sequence_id: int) -> list[Row[Any]]:
    """People by the step at which they are and the reason why they ended (None: they have not)."""
    return list(
        session.execute(
            text("""
                SELECT step, ended_as, count(*) AS people, min(look_at) FILTER (WHERE ended_as IS NULL) AS next_look
                FROM sequence_person WHERE sequence_id = :id GROUP BY step, ended_as ORDER BY step, people DESC
            """),
            {"id": sequence_id},
        )
    )


def messages_of(session: Session, sequence_id: int) -> Mapping[int, Mapping[str, int]]:
    """Messages of each step by state."""
    rows = session.execute(
        text("""
            SELECT s.number, m.state, count(*) AS messages
            FROM sequence_step s JOIN message m ON m.campaign_id = s.campaign_id
            WHERE s.sequence_id = :id GROUP BY s.number, m.state ORDER BY s.number, m.state
        """),
        {"id": sequence_id},
    )
    found: dict[int, dict[str, int]] = {}
    for number, state, messages in rows:
        found.setdefault(number, {})[state] = messages
    return found
