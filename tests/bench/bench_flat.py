"""What a message costs in Postgres, claimed and recorded, with few and with many others beside it.

The same messages are claimed and recorded in a table of 10,000 and of 1,000,000, and in turns of 1 and of 100 running
campaigns. Goal: at most 1.10 times the cost.
"""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from campaign.sending.record import Decided, write_decided
from campaign.sending.store import Claimed, Recorded, claim_due
from console.embedded import embedded_stores
from models import Campaign
from models.session import Sessions, make_engine, make_sessions, session_scope
from models.states import Signal
from tests.bench.rows import bulk_campaign, fill_campaign
from tests.factories import make_campaign, make_sender, make_template

pytestmark = pytest.mark.bench

FEW = int(os.environ.get("BENCH_FEW", "10000"))
MANY = int(os.environ.get("BENCH_MANY", "1000000"))
CAMPAIGNS = int(os.environ.get("BENCH_CAMPAIGNS", "100"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
CLAIM = 50
BATCHES = max(1, FEW // 2 // ROUNDS // CLAIM)
LEASE = timedelta(seconds=60)
GOAL = 1.10


@pytest.fixture
def store(tmp_path: object) -> Iterator[Sessions]:
    """Stores of this test alone, so that no other test's rows lie about."""
    with embedded_stores(tmp_path, linger=False) as addresses:  # type: ignore[arg-type]
        engine = make_engine(addresses.database_url)
        yield make_sessions(engine)
        engine.dispose()


def settle(sessions: Sessions) -> None:
    """Bring the table to rest: what a fill leaves behind is not the cost of a message."""
    with sessions.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = '10min'"))
        connection.execute(text("VACUUM (ANALYZE) message"))
        connection.execute(text("CHECKPOINT"))


def recorded(claimed: Claimed, now: datetime) -> Decided:
    wamid = f"wamid.bench{claimed.id}.{claimed.attempt}"
    end = now + timedelta(days=30)
    return Decided(Recorded(claimed.id, claimed.attempt, Signal.ACCEPT, now, wamid=wamid, wa_id="1", expires_at=end))


def cost_us(sessions: Sessions, ids: list[int]) -> float:
    """Microseconds per message, claimed and recorded in batches."""
    start, messages = time.perf_counter(), 0
    for _ in range(BATCHES):
        now = datetime.now(UTC)
        with session_scope(sessions) as session:
            claimed, _ = claim_due(session, dict.fromkeys(ids, CLAIM), limit=CLAIM, now=now, lease=LEASE)
        write_decided(sessions, [recorded(each, now) for each in claimed], 50)
        messages += len(claimed)
    assert messages == BATCHES * CLAIM
    return (time.perf_counter() - start) / messages * 1e6


def median_us(sessions: Sessions, ids: list[int]) -> float:
    """The median of some rounds, after one that warms the caches up."""
    cost_us(sessions, ids)
    return statistics.median(cost_us(sessions, ids) for _ in range(ROUNDS - 1))


def in_turns_us(sessions: Sessions, one: list[int], many: list[int]) -> tuple[float, float]:
    """The medians of both, measured in turns, so that a busy machine is busy for both."""
    costs = [(cost_us(sessions, one), cost_us(sessions, many)) for _ in range(ROUNDS)][1:]
    return statistics.median(first for first, _ in costs), statistics.median(second for _, second in costs)


def print_ratio(what: str, before: float, after: float) -> None:
    print(f"\n{what}: {before:.0f} µs a message and {after:.0f} µs; ratio {after / before:.2f} (goal {GOAL:.2f})")


def test_the_cost_of_a_message_does_not_grow_with_the_table(store: Sessions) -> None:
    with session_scope(store) as session:
        campaign = bulk_campaign(session, FEW, name="flat")
    settle(store)
    few = median_us(store, [campaign.id])
    with session_scope(store) as session:
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
        fill_campaign(session, session.get_one(Campaign, campaign.id), MANY - FEW, first=FEW)
    settle(store)
    print_ratio(f"{FEW:,} messages in the table, then {MANY:,}", few, median_us(store, [campaign.id]))


def test_the_cost_of_a_message_does_not_grow_with_running_campaigns(store: Sessions) -> None:
    with session_scope(store) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        campaigns = [make_campaign(session, sender, template, f"flat-{number}") for number in range(CAMPAIGNS)]
        each = max(CLAIM, 2 * FEW // CAMPAIGNS)
        # To other people each: one with a hundred grants would be dearer to look up, in one campaign as in a hundred.
        for number, campaign in enumerate(campaigns):
            fill_campaign(session, campaign, each, first=FEW + number * each)
        alone = bulk_campaign(session, FEW, name="alone", phone_number_id="2")
    settle(store)
    one, many = in_turns_us(store, [alone.id], [c.id for c in campaigns])
    print_ratio(f"1 running campaign, and in turns with it {CAMPAIGNS}", one, many)
