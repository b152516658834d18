"""What pages cost the server: with 200 campaigns that have no messages, then with a million messages in them.

Timed is the first content of every page as it leaves the server, with its CPU time and the statements it sends, and
searches for recipients and contacts. Goals: first content under 500 ms and at most twice that without messages,
searches under 300 ms, and no statement of theirs that reads the whole table of messages.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import event, text

from campaign.access.roles import Actor
from campaign.access.sign_in import sign_in
from campaign.access.users import add_user
from campaign.desk.contacts import find_contacts
from campaign.overview.details import details
from campaign.overview.glance import glance
from campaign.overview.recipients import look_for
from campaign.overview.tally import count_due
from campaign.settings import Settings
from console.api.door import COOKIE, Door
from console.embedded import embedded_stores
from console.web.app import create_console
from models import Campaign
from models.access import Role
from models.session import Sessions, make_engine, make_sessions, session_scope
from tests.factories import make_campaign, make_sender, make_template

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

MESSAGES = int(os.environ.get("BENCH_PAGE_MESSAGES", "1000000"))
CAMPAIGNS = int(os.environ.get("BENCH_PAGE_CAMPAIGNS", "200"))
LARGEST = 0.5
"""Share of the messages that one campaign has; the others share the rest."""
AT_ONCE = 50
"""Campaigns that `count_due` counts at once."""

ROUNDS = int(os.environ.get("BENCH_PAGE_ROUNDS", "15"))
FIRST_CONTENT_MS, SEARCH_MS, RATIO = 500, 300, 2.0

FILL = text("""
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                         due_at, queued_at, claimed_at, accepted_at, delivered_at, read_at, failed_at, error_code,
                         attempt, wamid)
    SELECT :campaign, :sender, n, '52' || (5500000000 + n), '+52' || (5500000000 + n),
           (ARRAY['Ana', 'Bruno', 'Carla', 'Diego'])[1 + n % 4] || ' ' || n, '{"body.1": "Ann", "body.2": "15%"}',
           CASE WHEN n % 20 = 0 THEN 'failed' WHEN n % 10 = 0 THEN 'queued' WHEN n % 3 = 0 THEN 'delivered'
                ELSE 'read' END,
           now(), now() - interval '2 h', now() - interval '1 h', now() - interval '1 h',
           now() - interval '59 min', now() - interval '50 min', CASE WHEN n % 20 = 0 THEN now() END,
           CASE WHEN n % 20 = 0 THEN 131026 END, 1, 'wamid.' || :campaign || '.' || n
    FROM generate_series(1, :count) n
""")
PEOPLE = text("""
    INSERT INTO contact (phone_identity, phone_e164, region, name)
    SELECT '52' || (5500000000 + n), '+52' || (5500000000 + n), 'MX',
           (ARRAY['Ana', 'Bruno', 'Carla', 'Diego'])[1 + n % 4] || ' ' || n
    FROM generate_series(1, :count) n
""")
LIST = text("""
    INSERT INTO audience_import (campaign_id, file_name, sha256, columns, phone_column, row_count, message_count,
                                 rejected_count)
    VALUES (:campaign, 'list.csv', repeat('0', 64), '["phone"]', 'phone', 0, 0, 0)
""")
COUNTED = text("UPDATE audience_import SET row_count = :count, message_count = :count WHERE campaign_id = :campaign")


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A console's door on stores of this test alone."""
    with embedded_stores(tmp_path, linger=False) as addresses:
        engine = make_engine(addresses.database_url)
        named: dict[str, Any] = {"database_url": addresses.database_url, "redis_url": addresses.redis_url}
        settings = Settings(_env_file=None, home=tmp_path, **named)
        yield Door(make_sessions(engine), settings, lambda: datetime.now(UTC), lambda sender_id: 1.0)
        engine.dispose()


def make(sessions: Sessions, campaigns: int) -> list[int]:
    """Running campaigns without messages; their ids."""
    launched = {"state": "running", "launched_at": datetime.now(UTC) - timedelta(hours=1)}
    ids: list[int] = []
    with session_scope(sessions) as session:
        for number in range(campaigns):
            sender = make_sender(session, f"s{number}", phone_number_id=str(number), account=str(number))
            campaign = make_campaign(session, sender, make_template(session, sender), f"campaign {number}", **launched)
            session.execute(LIST, {"campaign": campaign.id})
            ids.append(campaign.id)
    settle(sessions)
    return ids


def fill(sessions: Sessions, ids: list[int], messages: int) -> None:
    """Give messages to campaigns, to the first one the most."""
    largest = int(messages * LARGEST)
    for campaign_id in ids:
        count = largest if campaign_id == ids[0] else (messages - largest) // max(1, len(ids) - 1)
        with session_scope(sessions) as session:
            session.execute(text("SET LOCAL statement_timeout = '30min'"))
            sender_id = session.get_one(Campaign, campaign_id).sender_id
            session.execute(FILL, {"campaign": campaign_id, "sender": sender_id, "count": count})
            session.execute(COUNTED, {"campaign": campaign_id, "count": count})
    with session_scope(sessions) as session:
        session.execute(text("SET LOCAL statement_timeout = '30min'"))
        session.execute(PEOPLE, {"count": messages})
    settle(sessions)


def settle(sessions: Sessions) -> None:
    """Bring the tables to rest and count, as the engine does by itself."""
    with sessions.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = '30min'"))
        connection.execute(text("VACUUM (ANALYZE) message, contact"))
    now = datetime.now(UTC)
    while count_due(sessions, now=now) == AT_ONCE:
        pass


@contextmanager
def browser(door: Door) -> Iterator[Callable[[str], float]]:
    """Fetches pages as somebody who has signed in; how long the first content took, ms."""
    add_user(door.sessions, Actor("cli:root", Role.ADMIN), "olga", "correct horse battery", Role.OPERATOR)
    now = door.clock()
    day = timedelta(days=1)
    token, _ = sign_in(door.sessions, "olga", "correct horse battery", address="127.0.0.1", now=now, lasts=day)
    app = create_console(door)
    transport = httpx.ASGITransport(app)
    client = httpx.AsyncClient(transport=transport, base_url="http://console.test", cookies={COOKIE: token})
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):

        def fetch(path: str) -> float:
            start = time.perf_counter()
            answer = portal.call(client.get, path)
            assert answer.status_code == 200
            return (time.perf_counter() - start) * 1000

        yield fetch


def median_ms(do: Callable[[], object]) -> float:
    """The median of some rounds in ms, after two that warm up; `do` may measure itself."""
    taken = []
    for _ in range(ROUNDS + 2):
        start = time.perf_counter()
        do()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[2:])


PAGES = (
    "/", "/campaigns/{id}", "/schedules", "/contacts", "/contacts/525500000001", "/consent", "/templates",
    "/templates/{id}", "/senders", "/senders/s0", "/problems", "/audit", "/settings", "/account",
)  # fmt: skip
"""Pages by which nothing is changed. The pages of a campaign, a template and a number show the largest of them."""


class Cost(NamedTuple):
    """What a page costs: time and CPU time of a round in ms, statements."""

    ms: float
    cpu_ms: float
    statements: int


def cost(door: Door, fetch: Callable[[str], float], path: str) -> Cost:
    """The cost of one page; the CPU time is that of the best round, since others share the processor."""
    sent: list[float] = []
    cpu: list[float] = []
    engine = door.sessions.kw["bind"]

    def count(*_: object) -> None:
        sent.append(1)

    def once() -> None:
        start = time.process_time()
        sent.clear()
        fetch(path)
        cpu.append((time.process_time() - start) * 1000)

    event.listen(engine, "before_cursor_execute", count)
    try:
        return Cost(median_ms(once), min(cpu), len(sent))
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_pages_cost_the_same_with_many_messages(door: Door) -> None:
    sessions = door.sessions
    with browser(door) as fetch:
        ids = make(sessions, CAMPAIGNS)
        empty = {path: cost(door, fetch, path.format(id=ids[0])) for path in PAGES}
        fill(sessions, ids, MESSAGES)
        print(f"\n{MESSAGES:,} messages and as many contacts in {CAMPAIGNS} campaigns")
        print(f"first content, goals {FIRST_CONTENT_MS} ms and ratio {RATIO:g}")
        for path in PAGES:
            before, full = empty[path], cost(door, fetch, path.format(id=ids[0]))
            ratio, cpu = full.ms / before.ms, full.cpu_ms / before.cpu_ms
            print(
                f"{path}: {before.ms:.0f} ms, then {full.ms:.0f} ms; ratio {ratio:.2f}, of CPU time {cpu:.2f} "
                f"({full.cpu_ms:.0f} ms); {before.statements} statements, then {full.statements}"
            )
    with sessions() as session:
        seen = glance(session, ids[0], now=door.clock(), effective=lambda sender: 80.0)
        took = median_ms(lambda: details(session, seen, door.settings))
        print(f"what stands behind the counts of the largest: {took:.0f} ms")
    searched(sessions, ids[0])
    people_searched(sessions)


def people_searched(sessions: Sessions) -> None:
    """Time the searches for contacts."""
    with sessions() as session:
        for what in ("", "+525500000009", "bruno", "bruno 4999", "zzz", "ana bruno"):
            took = median_ms(lambda what=what: find_contacts(session, what))  # type: ignore[misc]
            print(f"contacts, {what or 'the newest'}: {took:.1f} ms (goal {SEARCH_MS})")


def searched(sessions: Sessions, campaign_id: int) -> None:
    """Time the searches, and look at the plans of their statements."""
    with sessions() as session:
        name = glance(session, campaign_id, now=datetime.now(UTC), effective=lambda sender: 80.0).line.name
        last = int(MESSAGES * LARGEST)
        searches: dict[str, dict[str, Any]] = {
            "first page": {}, "a page in the middle": {"after": last // 2}, "a page back": {"before": last // 2},
            "a phone": {"search": f"+52{5500000000 + last - 1}"}, "the beginning of a phone": {"search": "+5255000"},
            "a row": {"search": str(last - 1)}, "a row that is not there": {"search": "9999999"},
            "failed": {"state": "failed"}, "waiting": {"state": "queued"}, "nobody is in a state": {"state": "held"},
            "a name": {"search": "bruno"}, "a name that nobody has": {"search": "zzz"},
            "refused": {"state": "refused"},
        }  # fmt: skip
        plans = explained(session)
        for what, filters in searches.items():
            plans.clear()
            # One look, as the page takes it: a long list is looked through for a name in several.
            took = median_ms(lambda f=filters: look_for(session, name, now=datetime.now(UTC), **f))  # type: ignore[misc]
            scans = "; reads the whole table" if any("Seq Scan on message" in plan for plan in plans) else ""
            print(f"{what}: {took:.1f} ms (goal {SEARCH_MS}){scans}")


def explained(session: Any) -> list[str]:
    """Collects the plan of each statement that the session sends about messages, while they are few."""
    plans: list[str] = []
    connection = session.connection()

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if "message" in statement and not plans and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            raw = connection.connection.cursor()
            raw.execute("EXPLAIN " + statement, parameters)
            plans.append("\n".join(row[0] for row in raw.fetchall()))

    event.listen(connection, "before_cursor_execute", explain)
    return plans
