"""Each sweep with a million open messages in the table: goal under a second, and none walks the table.

BENCH_MESSAGES sets another size.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from campaign.reconciliation.sweeps import (
    sweep_campaigns,
    sweep_deadlines,
    sweep_expired,
    sweep_holds,
    sweep_leases,
    sweep_uncertain,
)
from campaign.settings import Settings
from campaign.webhooks.days import keep_days
from campaign.webhooks.health import stream_health
from campaign.webhooks.second_hearing import hear_unmatched_again
from console.embedded import embedded_stores
from models.session import Sessions, make_engine, make_sessions, session_scope
from tests.campaign.reconciliation.plans import plans_of, walks_the_table
from tests.factories import NOON, make_campaign, make_sender, make_template

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "1000000"))
GOAL_S = 1.0
HOURS = 4
NOW = NOON + timedelta(hours=HOURS)

FILL = """
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                         due_at, attempt, claimed_at, lease_until, accepted_at, held_at, sent_at, uncertain_at,
                         expires_at, wamid, queued_at)
    SELECT :campaign_id, :sender_id, n, '1202' || n, '+1202' || n, 'Ann', '{"body.1": "Ann"}', state, at, 1, at,
           CASE state WHEN 'sending' THEN :now + interval '1 minute' END,
           CASE WHEN state IN ('sent', 'accepted', 'held') THEN at END, CASE state WHEN 'held' THEN at END,
           CASE state WHEN 'sent' THEN at + interval '1 second' END, CASE state WHEN 'uncertain' THEN at END,
           at + interval '30 days', CASE WHEN state IN ('sent', 'accepted', 'held') THEN 'wamid.' || n END, at
    FROM (
        SELECT n, CAST(:noon AS timestamptz) + (n / CAST(:count AS float)) * interval '4 hours' AS at,
               CASE WHEN n % 1000 < 600 THEN 'sent' WHEN n % 1000 < 970 THEN 'accepted' WHEN n % 1000 < 990 THEN 'held'
                    WHEN n % 1000 < 995 THEN 'uncertain' ELSE 'sending' END AS state
        FROM generate_series(1, :count) AS n
    ) made
"""


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with embedded_stores(tmp_path_factory.mktemp("bench"), linger=False) as stores:
        sessions = make_sessions(engine := make_engine(stores.database_url))
        with session_scope(sessions) as session:
            sender = make_sender(session)
            campaign = make_campaign(session, sender, make_template(session, sender), state="settling")
            session.execute(text("SET LOCAL statement_timeout = '20min'"))
            values = {"campaign_id": campaign.id, "sender_id": sender.id, "noon": NOON, "now": NOW, "count": MESSAGES}
            session.execute(text(FILL), values)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = '20min'"))
            connection.execute(text("VACUUM (ANALYZE) message"))
            connection.execute(text("CHECKPOINT"))
        yield sessions
        engine.dispose()


def health(sessions: Sessions, settings: Settings) -> object:
    with session_scope(sessions) as session:
        return stream_health(session, settings, NOW)


SWEEPS: dict[str, Callable[[Sessions, Settings], object]] = {
    "days of the inbox": lambda sessions, settings: keep_days(sessions, settings, now=NOW),
    "second hearing": lambda sessions, settings: hear_unmatched_again(sessions, settings, now=NOW),
    "leases": lambda sessions, settings: sweep_leases(sessions, now=NOW),
    "uncertain, long in doubt as well": lambda sessions, settings: sweep_uncertain(sessions, settings, now=NOW),
    "uncertain, the usual": lambda sessions, settings: sweep_uncertain(
        sessions, settings, now=NOW + timedelta(seconds=5)
    ),
    "expired": lambda sessions, settings: sweep_expired(sessions, now=NOW),
    "deadlines": lambda sessions, settings: sweep_deadlines(sessions, now=NOW),
    "holds": lambda sessions, settings: sweep_holds(sessions, settings, now=NOW),
    "campaigns": lambda sessions, settings: sweep_campaigns(sessions, now=NOW),
    "webhook health": health,
}


@pytest.mark.bench
def test_sweeps(million: Sessions, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path)
    print(f"\nsweeps with {MESSAGES:,} open messages (goal {GOAL_S:g} s each)")
    for name, work in SWEEPS.items():
        start = time.perf_counter()
        work(million, settings)
        took = time.perf_counter() - start
        walked = [
            plan
            for plan in plans_of(million, lambda work=work: work(million, settings), force=False)  # type: ignore[misc]
            if walks_the_table(plan)
        ]
        print(f"  {name}: {took:.3f} s{'' if took < GOAL_S else ' OVER'}{' WALKS THE TABLE' if walked else ''}")
        if MESSAGES >= 1_000_000:
            assert walked == [], walked[0]
