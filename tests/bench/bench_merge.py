"""Status events merged per second with a million messages in the table, against a bare UPDATE of the same events.

The bare baseline takes events that are parsed and matched already and writes milestones and state with one monotonic
UPDATE … FROM unnest per batch: no JSON, no order kept, no attempts, no retries. Goal: 30,000 events/s on one core. What
one core would do follows from the processor time of our process and of the database's, whatever else the machine does.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from campaign.settings import Settings
from campaign.webhooks.batch import InboxRules
from campaign.webhooks.inbox import apply_webhooks
from console.embedded import embedded_stores
from models.session import Sessions, make_engine, make_sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

MESSAGES = 1_000_000
EVENTS = 90_000
GOAL = 30_000
BATCH = 8000

FILL = """
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                         due_at, attempt, claimed_at, accepted_at, expires_at, wamid, queued_at)
    SELECT :campaign_id, :sender_id, n, '1202' || n, '+1202' || n, 'Ann', '{"body.1": "Ann"}', 'accepted',
           :noon, 1, :noon, :noon, CAST(:noon AS timestamptz) + interval '30 days',
           'wamid.HBgLMTIwMjU1NTAxMTEVAgARGBJGMUM3MDAwMDAwMDAw' || n, :noon
    FROM generate_series(1, :count) AS n
"""

BARE = text("""
    UPDATE message SET
        sent_at = LEAST(message.sent_at, new.sent_at), delivered_at = LEAST(message.delivered_at, new.delivered_at),
        read_at = LEAST(message.read_at, new.read_at),
        state = CASE WHEN message.state IN ('delivered', 'read') AND new.state = 'sent' THEN message.state
                     WHEN message.state = 'read' THEN message.state ELSE new.state END
    FROM unnest(CAST(:id AS bigint[]), CAST(:state AS text[]), CAST(:sent_at AS timestamptz[]),
                CAST(:delivered_at AS timestamptz[]), CAST(:read_at AS timestamptz[]))
        AS new(id, state, sent_at, delivered_at, read_at)
    WHERE message.id = new.id
""")


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with embedded_stores(tmp_path_factory.mktemp("bench"), linger=False) as stores:
        sessions = make_sessions(engine := make_engine(stores.database_url))
        with session_scope(sessions) as session:
            sender = make_sender(session)
            campaign = make_campaign(session, sender, make_template(session, sender))
            session.execute(text("SET LOCAL statement_timeout = '10min'"))
            values = {"campaign_id": campaign.id, "sender_id": sender.id, "noon": NOON, "count": MESSAGES}
            session.execute(text(FILL), values)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = '10min'"))
            connection.execute(text("VACUUM (ANALYZE) message"))
            connection.execute(text("CHECKPOINT"))
        yield sessions
        engine.dispose()


Event = tuple[int, str, int]
"""Message, status, seconds after noon."""


def events_of(first: int, count: int, rng: random.Random) -> list[Event]:
    """Sent, delivered and read of messages that left one after the other, 300 a second, in the order of arrival."""
    ids = range(first, first + count // 3)
    delays = {"sent": 1.0, "delivered": 2.5, "read": 60.0}
    timed = [
        (place / 300 + delay * rng.expovariate(1.0), id_, word)
        for place, id_ in enumerate(ids)
        for word, delay in delays.items()
    ]
    return [(id_, word, int(moment)) for moment, id_, word in sorted(timed)]


def body_of(events: Sequence[Event]) -> bytes:
    noon = int(NOON.timestamp())
    statuses = [
        {
            "id": f"wamid.HBgLMTIwMjU1NTAxMTEVAgARGBJGMUM3MDAwMDAwMDAw{id_}",
            "status": word,
            "timestamp": str(noon + seconds),
            "recipient_id": "12025550111",
            "biz_opaque_callback_data": f"c1:m{id_}:a1",
            "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
        }
        for id_, word, seconds in events
    ]
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": statuses}
    return json.dumps({"object": "w", "entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


def store(sessions: Sessions, events: Sequence[Event], per_post: int) -> None:
    bodies = [body_of(events[start : start + per_post]) for start in range(0, len(events), per_post)]
    with session_scope(sessions) as session:
        insert = text("INSERT INTO webhook_event (sender_id, body) SELECT 1, unnest(CAST(:bodies AS bytea[]))")
        session.execute(insert, {"bodies": bodies})


def bare(sessions: Sessions, events: Sequence[Event]) -> float:
    """Seconds for the bare UPDATEs."""
    moments = [(id_, word, NOON.fromtimestamp(NOON.timestamp() + s, NOON.tzinfo)) for id_, word, s in events]
    start = time.perf_counter()
    for place in range(0, len(moments), BATCH):
        latest: dict[int, dict[str, object]] = {}
        for id_, word, moment in moments[place : place + BATCH]:
            row = latest.setdefault(id_, {"id": id_, "sent_at": None, "delivered_at": None, "read_at": None})
            row |= {"state": word, f"{word}_at": moment}
        columns = {
            name: [row[name] for row in latest.values()]
            for name in ("id", "state", "sent_at", "delivered_at", "read_at")
        }
        with session_scope(sessions) as session:
            session.execute(BARE, columns)
    return time.perf_counter() - start


def cpu_s(sessions: Sessions) -> float:
    """Processor time spent by this process and by the database's processes that serve it."""
    with session_scope(sessions) as session:
        pids = session.scalars(text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")).all()
    spent = [psutil.Process(pid).cpu_times() for pid in pids]
    return time.process_time() + sum([float(each.user + each.system) for each in spent])


@pytest.mark.bench
@pytest.mark.parametrize("per_post", [1, 20])
def test_merge(million: Sessions, per_post: int, tmp_path: Path) -> None:
    rng = random.Random(per_post)
    before = cpu_s(million)
    baseline = bare(million, events_of(1, EVENTS, rng))
    bare_cpu = cpu_s(million) - before
    events = events_of(300_000 if per_post == 1 else 500_000, EVENTS, rng)
    store(million, events, per_post)
    rules = replace(InboxRules.from_settings(Settings(_env_file=None, home=tmp_path), rng), budget_s=600)
    before, start = cpu_s(million), time.perf_counter()
    applied = apply_webhooks(million, rules, clock=lambda: NOON)
    wall, cpu = time.perf_counter() - start, cpu_s(million) - before
    assert (applied.events, applied.unmatched) == (EVENTS, 0)
    ours, theirs = EVENTS / wall, EVENTS / baseline
    print(f"\nmerge, {per_post} statuses per webhook, {MESSAGES:,} messages: {ours:,.0f} events/s")
    print(f"  one core, ours and the database's work alike: {EVENTS / cpu:,.0f} events/s (goal {GOAL:,})")
    print(f"  bare UPDATE of as many events: {theirs:,.0f}/s, one core {EVENTS / bare_cpu:,.0f}/s")
    print(f"  ratio by the clock {ours / theirs:.2f}, by processor time {bare_cpu / cpu:.2f}")
