"""What an audience names."""

import sqlite3
from pathlib import Path

import pytest

from campaign.audience.opening import Reading, audience_name, open_audience
from campaign.audience.source import ListSource
from campaign.errors import BadList, UsageError
from models import Contact
from models.session import Sessions, session_scope

QUERY = "SELECT phone, name FROM people"


@pytest.fixture
def crm(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("CREATE TABLE people (phone, name)")
        connection.execute("INSERT INTO people VALUES ('+525555550001', 'Ana')")
    connection.close()
    return f"sqlite:///{tmp_path}/crm.db"


def values(source: ListSource) -> list[dict[str, str]]:
    return [row.values for chunk in source.chunks(100) for row in chunk]


def test_a_query_on_a_database(sessions: Sessions, crm: str) -> None:
    for audience, environment in ((crm, {}), ("env:CRM", {"CRM": crm})):
        source = open_audience(sessions, audience, Reading(query=QUERY, environment=environment))
        assert values(source) == [{"phone": "+525555550001", "name": "Ana"}]
        assert (source.name, source.upload, source.how["kind"]) == ("query", None, "query")


def test_our_own_contacts(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        session.add(Contact(phone_identity="12025550143", phone_e164="+12025550143", region="US", name="Bo"))
    source = open_audience(sessions, "contacts", Reading(where=["region=US"]))
    assert values(source) == [{"phone": "+12025550143", "name": "Bo", "region": "US", "time_zone": ""}]
    with pytest.raises(BadList, match=r"no contact has region=MX; correct --where"):
        open_audience(sessions, "contacts", Reading(where=["region=MX"]))


def test_a_file_as_path_or_text(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("phone\n1\n")
    for audience in (tmp_path / "list.csv", str(tmp_path / "list.csv")):
        assert values(open_audience(sessions, audience, Reading())) == [{"phone": "1"}]


@pytest.mark.parametrize(
    ("audience", "reading", "words"),
    [
        ("list.csv", Reading(query=QUERY), r"--query asks a database, and --audience list\.csv is none"),
        ("list.csv", Reading(where=["region=MX"]), r"--where filters --audience contacts, not list\.csv"),
        ("sqlite:///x.db", Reading(query=QUERY, sheet="A"), "--sheet A: sqlite:///x.db is no workbook"),
        ("sqlite:///x.db", Reading(), "a database needs --query"),
        ("env:GONE", Reading(query=QUERY), "the variable GONE is not set"),
        ("contacts", Reading(where=["plan=x"]), "no contact has plan; known: name, region, time_zone"),
    ],
)
def test_what_does_not_fit_is_said(sessions: Sessions, audience: str, reading: Reading, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        open_audience(sessions, audience, reading)


def test_nothing_set_down_stays_after_an_error(sessions: Sessions, crm: str, tmp_path: Path) -> None:
    before = set(Path(tmp_path.anchor, "tmp").glob("campaign-list-*"))
    with pytest.raises(BadList, match="has no phone column"):
        open_audience(sessions, crm, Reading(query="SELECT name FROM people"))
    assert set(Path(tmp_path.anchor, "tmp").glob("campaign-list-*")) <= before


def test_names_hold_no_secret() -> None:
    assert audience_name(Path("/a/list.csv")) == audience_name("/a/list.csv") == "list.csv"
    assert audience_name("postgresql://u:s3cret@h/d") == "postgresql://u:***@h/d"
    assert audience_name("contacts") == "contacts"
