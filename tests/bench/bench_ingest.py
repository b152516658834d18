"""Ingestion end to end, as a ratio to a bare read of the same file in the same run.

Everything is real: the embedded PostgreSQL, the phones (one in ten written so that it has to be mended), the consent
gate against a ledger that knows everybody, contacts and messages. Rows of the list and of the ledger are set by
BENCH_INGEST_ROWS and BENCH_CONSENT_ROWS. Goals: 0.15 of the bare read, peak memory under 500 MB.
"""

import csv
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from campaign.audience.load import load_audience
from campaign.audience.people import column_of
from campaign.audience.phone_column import read_phone_column
from campaign.audience.rows import RawRow, TidyRows
from campaign.audience.source import open_list
from campaign.templates.fill import make_filler, slots_of
from console.embedded import embedded_stores
from models.audience import AudienceImport
from models.session import Sessions, make_engine, make_sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

ROWS = int(os.environ.get("BENCH_INGEST_ROWS", "100000"))
CONSENT_ROWS = int(os.environ.get("BENCH_CONSENT_ROWS", str(ROWS)))
GOAL_RATIO, GOAL_MB = 0.15, 500
CHUNK_ROWS = 20_000
MAPPING = {"body.1": {"column": "name"}, "body.2": {"column": "offer_code"}}
HEADER = ("name", "phone", "city", "offer_code", "language", "plan", "shop", "note")

# Opted in all of them, one in fifty withdrawn again.
LEDGER = """
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, occurred_at, recorded_by)
    SELECT '52' || (5510000000 + n), '+52' || (5510000000 + n), 'marketing',
           CASE WHEN n % 50 = 0 THEN 'opt_out' ELSE 'opt_in' END, 'bench', now() - interval '400 days', 'bench'
    FROM generate_series(0, :count - 1) AS n ORDER BY random()
"""


@pytest.fixture
def bench_sessions(tmp_path: Path) -> Iterator[Sessions]:
    with embedded_stores(tmp_path / "stores", linger=False) as stores:
        sessions = make_sessions(engine := make_engine(stores.database_url))
        with session_scope(sessions) as session:
            session.execute(text("SET LOCAL statement_timeout = '10min'"))
            session.execute(text(LEDGER), {"count": CONSENT_ROWS})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE) consent_event"))
            connection.execute(text("CHECKPOINT"))
        yield sessions
        engine.dispose()


@pytest.mark.bench
def test_ingest(bench_sessions: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    write_list(path)
    started, cpu_started = time.perf_counter(), time.process_time()
    imported = ingest(bench_sessions, path)
    cpu_us = (time.process_time() - cpu_started) / ROWS * 1e6
    # The peak of the process so far: the bare reads below hold the whole file at once.
    seconds, peak_mb = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    source = open_list(path, phone_column=None)
    steps = {
        "bare pandas.read_csv(dtype=str)": fastest(lambda: pd.read_csv(path, dtype=str)),
        "open_list": fastest(lambda: open_list(path, phone_column=None)),
        "chunks": fastest(lambda: sum(map(len, source.chunks(CHUNK_ROWS)))),
        "chunks and phones": fastest(lambda: sum(map(unreadable, source.chunks(CHUNK_ROWS)))),
        "the whole ingestion": seconds,
    }
    assert imported.row_count == ROWS == imported.message_count + imported.rejected_count
    show(steps, imported, peak_mb)
    print(f"  processor time of this process {cpu_us:.1f} µs/row; PostgreSQL works on the other core meanwhile")


def show(steps: dict[str, float], imported: AudienceImport, peak_mb: float) -> None:
    bare = next(iter(steps.values()))
    print(f"\ningestion: {imported.message_count:,} messages and {imported.rejected_count:,} rejected rows")
    print(f"  {'step':34}{'s':>8}{'rows/s':>12}{'µs/row':>9}{'ratio':>8}")
    for name, seconds in steps.items():
        print(f"  {name:34}{seconds:8.2f}{ROWS / seconds:12,.0f}{seconds / ROWS * 1e6:9.2f}{bare / seconds:8.3f}")
    ratio = bare / steps["the whole ingestion"]
    print(f"  ratio {ratio:.3f} (goal {GOAL_RATIO}) · peak memory {peak_mb:.0f} MB (goal {GOAL_MB})")


def ingest(sessions: Sessions, path: Path) -> AudienceImport:
    source = open_list(path, phone_column=None)
    with sessions() as ledger, session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        campaign = make_campaign(session, sender, template, mapping=MAPPING, region="MX")
        fill = make_filler(MAPPING, slots_of(template.components, template.parameter_format), source.columns)
        return load_audience(session, campaign, source, fill=fill, ledger=ledger, chunk_rows=CHUNK_ROWS, now=NOON)


def write_list(path: Path) -> None:
    """Invented Mexican numbers, each person once but for one row in fifty."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in range(ROWS):
            person = rng.randrange(ROWS) if row % 50 == 49 else row
            plan, shop = rng.choice(("basic", "premium")), f"shop {rng.randrange(50)}"
            note = f"bought {rng.randrange(9)} times since spring, likes blue"
            writer.writerow(
                (
                    f"Ana Gómez {row}",
                    spelled(5510000000 + person, rng),
                    "Mérida",
                    f"SPRING{row}",
                    "es",
                    plan,
                    shop,
                    note,
                )
            )


def spelled(number: int, rng: random.Random) -> str:
    return f"+52 {number // 10**8} {number % 10**8}" if rng.random() < 0.1 else f"+52{number}"


def unreadable(chunk: Sequence[RawRow]) -> int:
    """Phones that are none, of rows that are all tidy."""
    assert isinstance(chunk, TidyRows)
    return len(read_phone_column(column_of(chunk.frame, "phone"), "MX").bad)


def fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of three runs."""
    return min(timed(work) for _ in range(3))


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
