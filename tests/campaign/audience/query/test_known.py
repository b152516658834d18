"""The engine's own contacts as a list."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from campaign.audience.bounds import DEFAULT_BOUNDS
from campaign.audience.query.known import ask_contacts, parse_condition
from campaign.errors import BadList, UsageError
from models import Contact
from models.session import Sessions, session_scope

PEOPLE = [
    ("525555550001", "Ana", "MX", {"plan": "gold", "city": "León"}),
    ("573000000001", "Bo", "CO", {"plan": "basic"}),
    ("12025550143", None, "US", {}),
]


@pytest.fixture
def known(sessions: Sessions) -> Sessions:
    with session_scope(sessions) as session:
        for digits, name, region, attributes in PEOPLE:
            who = {"phone_identity": digits, "phone_e164": f"+{digits}", "name": name, "region": region}
            session.add(Contact(**who, attributes=attributes))
            session.flush()
    return sessions


def names(sessions: Sessions, out: Path, *where: str) -> list[str]:
    with session_scope(sessions) as session:
        ask_contacts(session, where, out, DEFAULT_BOUNDS)
    return [line.split(",")[0] for line in out.read_text().splitlines()[1:]]


def test_everybody_with_what_is_known_of_them(known: Sessions, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert names(known, out) == ["+525555550001", "+573000000001", "+12025550143"]
    assert out.read_text().splitlines()[:2] == [
        "phone,name,region,time_zone,city,plan",
        "+525555550001,Ana,MX,,León,gold",
    ]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (["region=MX"], ["+525555550001"]),
        (["region=MX, CO"], ["+525555550001", "+573000000001"]),
        (["attribute.plan=gold"], ["+525555550001"]),
        (["attribute.plan!=gold"], ["+573000000001", "+12025550143"]),
        (["attribute.plan="], ["+12025550143"]),
        (["region=MX,CO", "attribute.plan!=gold"], ["+573000000001"]),
    ],
)
def test_conditions_hold_together(known: Sessions, tmp_path: Path, where: list[str], found: list[str]) -> None:
    assert names(known, tmp_path / "out.csv", *where) == found


def test_a_list_of_nobody_is_none(known: Sessions, sessions: Sessions, tmp_path: Path) -> None:
    with pytest.raises(BadList, match="no contact has region=MX and name=x' OR 'a'='a; correct --where"):
        names(known, tmp_path / "out.csv", "region=MX", "name=x' OR 'a'='a")
    with session_scope(sessions) as session:
        session.execute(delete(Contact))
    with pytest.raises(BadList, match="there are no contacts yet; see campaign contacts import"):
        names(known, tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("region", "--where region is no condition; write it like region=MX or attribute.plan!=gold"),
        ("regoin=MX", "--where regoin=MX: no contact has regoin; did you mean region?"),
        ("attribute.plam=gold", r"no contact has attribute\.plam; did you mean attribute\.plan?"),
        ("phone_e164; DROP TABLE contact=1", "no contact has phone_e164; DROP TABLE contact; known: "),
    ],
)
def test_a_condition_that_is_none(item: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_condition(item, ["plan"])
