"""A million consent events sealed and verified: rows per second, beside a bare sequential read, and peak memory.

The bare baseline reads the same rows once, in one statement, and lets PostgreSQL add up the lengths of their texts: no
digest, no order. Sealing and verifying hash each row and keep nothing: the peak must not grow with the ledger.
"""

import os
import resource
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from campaign.consent.seals import seal_events, verify
from campaign.consent.watch import keep_watch
from console.embedded import embedded_stores
from models.session import Sessions, make_engine, make_sessions, session_scope
from tests.factories import NOON

pytestmark = pytest.mark.bench

EVENTS = int(os.environ.get("BENCH_CONSENT_EVENTS", "1000000"))
PER_SEAL = 10_000
PEAK_GROWTH_MB = 60

FILL = """
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, proof, occurred_at, recorded_by)
    SELECT '52' || (5500000000 + n), '+52' || (5500000000 + n), 'marketing', 'opt_in', 'web form',
           'https://example.com/form/' || n, :noon, 'bench'
    FROM generate_series(1, :count) AS n
"""
BARE = text("SELECT sum(length(e::text)) FROM consent_event AS e")


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with embedded_stores(tmp_path_factory.mktemp("bench"), linger=False) as stores:
        sessions = make_sessions(engine := make_engine(stores.database_url))
        with session_scope(sessions) as session:
            session.execute(text("SET LOCAL statement_timeout = '10min'"))
            session.execute(text(FILL), {"noon": NOON, "count": EVENTS})
        yield sessions
        engine.dispose()


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_a_million_events_are_sealed_and_verified_in_bounded_memory(million: Sessions) -> None:
    before_mb = peak_mb()
    with million() as session:
        session.execute(text("SET statement_timeout = '10min'"))
        took: dict[str, float] = {}
        # The first reading also writes down what is committed; the second is a reading alone.
        session.execute(BARE)
        start = time.perf_counter()
        session.execute(BARE)
        took["bare read"] = time.perf_counter() - start
    start = time.perf_counter()
    assert seal_events(million, most=PER_SEAL, now=NOON) == EVENTS
    took["seal"] = time.perf_counter() - start
    start = time.perf_counter()
    with million() as session:
        found = verify(session)
    took["verify"] = time.perf_counter() - start
    assert (found.intact, found.events, found.tail) == (True, EVENTS, 0)
    start = time.perf_counter()
    keep_watch(million, events=EVENTS, now=NOON)
    took["one round of the watch"] = time.perf_counter() - start
    for what, seconds in took.items():
        print(f"\n{what}: {EVENTS / seconds:,.0f} events/s, {seconds / took['bare read']:.1f} times the bare read")
    print(f"\npeak memory: {before_mb:.0f} MB before, {peak_mb():.0f} MB after")
    assert peak_mb() - before_mb < PEAK_GROWTH_MB
