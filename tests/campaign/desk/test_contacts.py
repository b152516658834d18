"""People found by phone in any spelling and by how words of the name begin."""

import pytest
from sqlalchemy import text

from campaign.desk import store
from campaign.desk.contacts import PAGE, find_contacts
from models import Contact
from models.session import session_scope
from tests.factories import fiction_phone, make_campaign, make_sender, make_template


def put(session, phone, name, region="MX"):
    session.add(Contact(phone_identity=phone.removeprefix("+"), phone_e164=phone, name=name, region=region))
    session.flush()


@pytest.fixture
def people(sessions):
    with session_scope(sessions) as session:
        put(session, "+525555550101", "Ana 100%")
        put(session, "+525555550102", "Mariana")
        put(session, "+12025550121", "Ben_Oak", "US")
        put(session, "+525555550103", "José  María Ñandú O'Hara")


def names(sessions, search, **more):
    with sessions() as session:
        return [line.name for line in find_contacts(session, search, **more).people]


@pytest.mark.parametrize(
    "spelling", ["+52 55 5555 0101", "525555550101", "+52 1 55 5555 0101", "0052 55 5555 0101", "55 5555 0101"]
)
def test_a_phone_is_found_in_any_spelling(sessions, people, spelling):
    assert names(sessions, spelling) == ["Ana 100%"]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("ana", ["Ana 100%"]), ("mari", ["José  María Ñandú O'Hara", "Mariana"]), ("100%", ["Ana 100%"]),
        ("BEN_", ["Ben_Oak"]), ("zoe", []), ("jose nandu", ["José  María Ñandú O'Hara"]), ("ñandu jo", [
        "José  María Ñandú O'Hara"]), ("o'h", ["José  María Ñandú O'Hara"]), ("ana mari", []), ("'", []), ("\\", []),
        ("a' | 'b", []), ("\x00ana", ["Ana 100%"]), (":*", []), ("!ana", []),
    ],
)  # fmt: skip
def test_a_name_is_found_by_how_its_words_begin_whatever_their_accents(sessions, people, part, found):
    assert names(sessions, part) == found


def test_a_name_is_looked_up_in_its_index(sessions, people):
    with sessions() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(session.scalars(text(f"EXPLAIN {store._NAMED.text}"), {
            "words": "'ana':*", "before": 9, "limit": 9}))  # fmt: skip
    assert "ix_contact_name_words" in plan


def test_nothing_searched_for_gives_the_newest_page_by_page(sessions):
    with session_scope(sessions) as session:
        for number in range(PAGE + 2):
            put(session, fiction_phone(number), f"Person {number}", "US")
    with sessions() as session:
        first = find_contacts(session).people
        rest = find_contacts(session, before_id=first[-1].id).people
    assert (first[0].name, len(first)) == (f"Person {PAGE + 1}", PAGE)
    assert [line.name for line in rest] == ["Person 1", "Person 0"]


def test_a_phone_in_no_list_is_told_as_it_is_written(sessions, people):
    with sessions() as session:
        found = find_contacts(session, "+52 55 5555 0199")
    assert (found.people, found.phone, found.problem) == ([], "+525555550199", None)


def test_what_looks_like_a_phone_and_is_none_says_why(sessions):
    with sessions() as session:
        found = find_contacts(session, "+52 55 555")
    assert "too few" in (found.problem or "")


def test_a_phone_as_at_home_is_read_in_the_countries_that_campaigns_name(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_campaign(session, sender, make_template(session, sender), region="MX")
        session.add(Contact(phone_identity="525555550101", phone_e164="+525555550101", name="Ana"))
    assert names(sessions, "55 5555 0101") == ["Ana"]
