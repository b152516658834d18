"""Queries on somebody's own database: SQLite in a file, PostgreSQL for real."""

import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from campaign.audience.bounds import DEFAULT_BOUNDS
from campaign.audience.query.foreign import ask
from campaign.errors import BadList, CampaignError, UsageError
from models.session import Sessions

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS phone FROM n WHERE i < 0"
MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS phone FROM n"


@pytest.fixture
def crm(tmp_path: Path) -> str:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE people (phone, name, region, born, score)")
        rows = [("+525555550001", "Ana", "MX", None, 1.0), ("+12025550143", 'Bob "B"', "US", "2001-02-03", 2.5)]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


def asked(address: str, query: str, out: Path, *parameters: str, **bounds: Any) -> str:
    ask(address, query, parameters, out, replace(DEFAULT_BOUNDS, **bounds))
    return out.read_text()


def test_a_query_becomes_a_list(crm: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    query = "SELECT phone, name, born, score FROM people WHERE region = :region ORDER BY name;"
    how = ask(crm, query, ["region=US"], out, DEFAULT_BOUNDS)
    assert out.read_text() == 'phone,name,born,score\n+12025550143,"Bob ""B""",2001-02-03,2.5\n'
    assert (how["kind"], how["address"], how["parameters"]) == ("query", crm, ["region"])


@pytest.mark.parametrize(
    "query",
    [
        "WITH a AS (SELECT 1) DELETE FROM people",
        "WITH a AS (SELECT 1) INSERT INTO people (phone) SELECT 1",
    ],
)
def test_what_writes_is_refused_and_writes_nothing(crm: str, tmp_path: Path, query: str) -> None:
    with pytest.raises(BadList, match="tries to write; only reading is allowed, nothing was changed"):
        asked(crm, query, tmp_path / "out.csv")
    assert asked(crm, "SELECT count(*) AS n FROM people", tmp_path / "out.csv") == "n\n2\n"


@pytest.mark.parametrize("query", [FOREVER, MANY])
def test_what_never_ends_is_ended(crm: str, tmp_path: Path, query: str) -> None:
    started = time.monotonic()
    with pytest.raises(BadList, match=r"took longer than 0\.5 s; narrow it, or raise CAMPAIGN_QUERY_TIMEOUT_S"):
        asked(crm, query, tmp_path / "out.csv", query_timeout_s=0.5)
    assert time.monotonic() - started < 5


def test_what_grows_beyond_the_bound_is_ended(crm: str, tmp_path: Path) -> None:
    with pytest.raises(BadList, match=r"has more than 1 MB; ask for less, or raise CAMPAIGN_UNPACKED_MAX_BYTES"):
        asked(crm, MANY, tmp_path / "out.csv", unpacked_max_bytes=1_000_000)


def test_postgres_reads_streams_and_never_writes(database_url: str, sessions: Sessions, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert asked(database_url, "SELECT 5::numeric AS phone, now()::date IS NULL AS x", out) == "phone,x\n5,false\n"
    writing = "WITH gone AS (DELETE FROM contact RETURNING 1) SELECT * FROM gone"
    with pytest.raises(BadList, match="tries to write; only reading is allowed"):
        asked(database_url, writing, out)
    with pytest.raises(BadList, match=r"took longer than 0\.3 s"):
        asked(database_url, "SELECT pg_sleep(30) AS phone", out, query_timeout_s=0.3)
    with pytest.raises(BadList, match=r"took longer than 0\.5 s"):
        asked(database_url, "SELECT i AS phone FROM generate_series(1, 1000000000) AS i", out, query_timeout_s=0.5)
    with sessions() as session:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
        assert session.scalar(text(waiting)) == 0


def test_nobody_sees_the_password(tmp_path: Path) -> None:
    with pytest.raises(CampaignError) as error:
        asked("postgresql://u:s3cret@127.0.0.1:9/d", "SELECT 1 AS phone", tmp_path / "out.csv")
    assert "s3cret" not in str(error.value)
    assert "postgresql://u:***@127.0.0.1:9/d" in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match="no driver for oracle"):
        asked("oracle://u:s3cret@h/d", "SELECT 1 AS phone", tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://u:s3cret@h:port/d", "its port is no number"),
        ("postgresql://u:p@s3cret@h/d", "it has more than one @"),
    ],
)
def test_an_address_that_cannot_be_one_is_told_without_its_password(address: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        asked(address, "SELECT 1 AS phone", tmp_path / "out.csv")
    assert f"the address cannot be read ({why})" in str(error.value)
    assert "s3cret" not in str(error.value)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadList, match="failed: there is no such file; correct it and try again"):
        asked(f"sqlite:///{tmp_path}/none.db", "SELECT 1 AS phone", tmp_path / "out.csv")
    assert not (tmp_path / "none.db").exists()


def test_a_query_with_a_colon_in_a_text_and_one_that_finds_nobody(crm: str, tmp_path: Path) -> None:
    out, query = tmp_path / "out.csv", "SELECT phone, ' :x' AS note FROM people WHERE region = :region"
    assert asked(crm, query, out, "region=MX") == "phone,note\n+525555550001, :x\n"
    with pytest.raises(BadList, match="found no rows; correct it and try again"):
        asked(crm, query, out, "region=FR")


def test_a_mistake_in_the_query_is_told_in_the_databases_words(crm: str, tmp_path: Path) -> None:
    with pytest.raises(BadList, match="failed: no such column: fone; correct it and try again"):
        asked(crm, "SELECT fone FROM people", tmp_path / "out.csv")
