"""Reports of a hundred thousand and of a million rows: rows per second and peak memory, against a bare COPY.

The bare baseline lets PostgreSQL write the same columns as CSV by itself: no order of the list, no cell made safe, no
hash, no tally. Goal: the peak stays flat from a hundred thousand rows to a million.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from console.embedded import embedded_stores
from models.session import make_engine, make_sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

SIZES = (100_000, 1_000_000)
KINDS = ("recipients", "verify", "summary", "rejected")
WRITER = Path(__file__).with_name("report_writer.py")

MESSAGES = """
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                         due_at, attempt, claimed_at, accepted_at, sent_at, delivered_at, read_at, wamid, wa_id,
                         category, billable, queued_at)
    SELECT :campaign_id, :sender_id, n, '52' || (5500000000 + n), '+52' || (5500000000 + n), 'Ann', '{"body.1": "Ann"}',
           CASE n % 2 WHEN 0 THEN 'read' ELSE 'delivered' END, :noon, 1, :noon, :noon,
           CAST(:noon AS timestamptz) + interval '1 s', CAST(:noon AS timestamptz) + n % 100 * interval '1 s',
           CASE n % 2 WHEN 0 THEN CAST(:noon AS timestamptz) + n % 1000 * interval '1 s' END,
           'wamid.' || :campaign_id || '.' || n, '521' || (5500000000 + n), 'marketing', true, :noon
    FROM generate_series(1, :count) AS n WHERE n % 20 <> 0
"""
REFUSED = """
    INSERT INTO rejected_row (import_id, row_number, raw, reason, text)
    SELECT :import_id, n, jsonb_build_object('phone', n::text, 'name', 'Bo'), 'too_short', 'phone is too short'
    FROM generate_series(20, :count, 20) AS n
"""
LISTING = """
    INSERT INTO audience_import (campaign_id, file_name, sha256, columns, phone_column, row_count, message_count,
                                 rejected_count)
    VALUES (:campaign_id, 'list.csv', '0', '["phone", "name"]', 'phone', :count, :count - :count / 20, :count / 20)
    RETURNING id
"""
BARE = """
    COPY (SELECT row_number, phone_e164, wa_id, name, state, reason, error_code, error_text, attempt, wamid, queued_at,
                 accepted_at, held_at, sent_at, delivered_at, read_at, failed_at, expired_at, category, billable
          FROM message WHERE campaign_id = {}) TO STDOUT (FORMAT csv)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[int, int]]]:
    """The database's address, and a campaign of each size."""
    with embedded_stores(tmp_path_factory.mktemp("bench"), linger=False) as stores:
        sessions = make_sessions(engine := make_engine(stores.database_url))
        campaigns = {}
        for count in SIZES:
            with session_scope(sessions) as session:
                session.execute(text("SET LOCAL statement_timeout = '10min'"))
                name = f"of{count}"
                sender = make_sender(session, name, account=name)
                campaign = make_campaign(session, sender, make_template(session, sender), name, state="completed")
                common = {"campaign_id": campaign.id, "count": count}
                session.execute(text(MESSAGES), common | {"sender_id": sender.id, "noon": NOON})
                import_id = session.execute(text(LISTING), common).scalar_one()
                session.execute(text(REFUSED), {"import_id": import_id, "count": count})
                campaigns[count] = campaign.id
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = '10min'"))
            connection.execute(text("VACUUM (ANALYZE) message"))
        yield stores.database_url, campaigns
        engine.dispose()


def write(url: str, campaign_id: int, kind: str, out: Path) -> dict[str, Any]:
    command = [sys.executable, str(WRITER), url, str(campaign_id), kind, str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bare(url: str, campaign_id: int, out: Path) -> float:
    """Seconds for the bare COPY into a file."""
    start = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection, out.open("wb") as file:
        connection.execute("SET statement_timeout = '10min'")
        with connection.cursor().copy(BARE.format(campaign_id).encode()) as copy:
            for block in copy:
                file.write(block)
    return time.perf_counter() - start


@pytest.mark.bench
def test_reports(filled: tuple[str, dict[int, int]], tmp_path: Path) -> None:
    url, campaigns = filled
    peaks: dict[str, list[int]] = {kind: [] for kind in KINDS}
    print()
    for count, campaign_id in campaigns.items():
        theirs = count / bare(url, campaign_id, tmp_path / "bare.csv")
        for kind in KINDS:
            out = tmp_path / f"{'recipients' if kind == 'verify' else kind}-{count}.csv"
            found = write(url, campaign_id, kind, out)
            peaks[kind].append(found["peak_kb"])
            ours, alone = count / found["seconds"], count / found["cpu"]
            before, peak = found["before_kb"] / 1024, found["peak_kb"] / 1024
            print(f"{kind} of {count:,} rows: {found['seconds']:.1f} s, {ours:,.0f} rows/s")
            print(
                f"  our process alone, {alone:,.0f} rows per second of its CPU; peak {peak:.0f} MB, {before:.0f} before"
            )
            print(f"  bare COPY of the columns {theirs:,.0f} rows/s · ratio {ours / theirs:.2f}")
            assert kind not in ("recipients", "verify") or found["lines"] == count
    for kind, (small, large) in peaks.items():
        print(f"{kind}: peak at the larger size {large / small:.2f} × that at the smaller (goal: 1)")
