"""A list into a campaign, on a real database."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.audience.load import load_audience
from campaign.audience.phone import Phone, read_phone
from campaign.audience.source import WHOLE_LINE, open_list
from campaign.consent.ledger import grant, withdraw
from campaign.consent.suppressions import suppress
from campaign.errors import UsageError
from campaign.templates.fill import make_filler, slots_of
from models import AudienceImport, Campaign, Contact, Message, RejectedRow
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

MAPPING = {"body.1": {"column": "name"}, "body.2": {"column": "code", "fallback": "SPRING"}}
HEADER = "name,phone,city,code"


def phone(number: int) -> str:
    """An invented Mexican number."""
    return f"+52555555{number:04}"


class Loader:
    """Loads lists that are given as text, each into a campaign of its own."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.sender = make_sender(session)
        self.template = make_template(session, self.sender)

    def __call__(
        self, lines: Sequence[str], name: str = "spring", header: str = HEADER, chunk_rows: int = 1000, **given: Any
    ) -> Campaign:
        path = self.folder / f"{name}.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        source = open_list(path, phone_column=None)
        slots = slots_of(self.template.components, self.template.parameter_format)
        fill = make_filler(MAPPING, slots, source.columns)
        campaign = make_campaign(self.session, self.sender, self.template, name, **{"region": "MX"} | given)
        load_audience(self.session, campaign, source, fill=fill, chunk_rows=chunk_rows, now=NOON)
        return campaign


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def load(session: Session, tmp_path: Path) -> Loader:
    grant(
        session, [phone(n) for n in range(100)], category="marketing", source_text="form", now=NOON - timedelta(days=9)
    )
    return Loader(session, tmp_path)


def messages(session: Session, campaign: Campaign) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.campaign_id == campaign.id).order_by(Message.row_number)))


def refused(session: Session, campaign: Campaign) -> dict[int, tuple[str, str]]:
    """Row number to reason and text."""
    rows = session.execute(
        select(RejectedRow.row_number, RejectedRow.reason, RejectedRow.text)
        .join(AudienceImport, AudienceImport.id == RejectedRow.import_id)
        .where(AudienceImport.campaign_id == campaign.id)
        .order_by(RejectedRow.row_number)
    )
    return {number: (reason, words) for number, reason, words in rows}


def contact(session: Session, identity: str) -> Contact:
    return session.scalars(select(Contact).where(Contact.phone_identity == identity)).one()


def test_a_good_row_becomes_a_queued_message_and_a_contact(session: Session, load: Loader) -> None:
    campaign = load(["Ana  María,55 5555 0001,Mérida,", "Bob,+525555550002,,X1"])
    first, second = messages(session, campaign)
    assert (first.phone_e164, first.phone_identity, first.name) == (phone(1), phone(1)[1:], "Ana María")
    assert first.parameters == {"body.1": "Ana María", "body.2": "SPRING"}
    assert second.parameters == {"body.1": "Bob", "body.2": "X1"}
    assert (first.state, first.attempt, first.due_at, first.queued_at) == ("queued", 0, NOON, NOON)
    assert (first.sender_id, first.row_number, second.row_number) == (load.sender.id, 1, 2)
    person = contact(session, phone(1)[1:])
    assert (person.phone_e164, person.region, person.name, person.attributes) == (
        *(phone(1), "MX", "Ana María", {"city": "Mérida"}),
    )
    assert contact(session, phone(2)[1:]).attributes == {"code": "X1"}


def test_every_row_is_a_message_or_a_rejected_row(session: Session, load: Loader) -> None:
    withdraw(session, [phone(5)], source_text="STOP", now=NOON)
    suppress(session, [phone(6)], source_text="complaint")
    campaign = load(
        [
            f"Ana,{phone(1)},,",
            "Bob,call me,,",
            f"Cid,{phone(3)}",
            '"Dan,5555550004,,',
            f",{phone(4)},,",
            f"Eva,{phone(5)},,",
            f"Fay,{phone(6)},,",
            "Gil,+52 55 5555 0900,,",
            "Hal,55-5555-0001,,",
            "Ida,+52 1 55 5555 0001,,",
            f"Jan,{phone(4)},,",
        ]
    )
    assert [(each.row_number, each.name) for each in messages(session, campaign)] == [(1, "Ana"), (11, "Jan")]
    assert {number: reason for number, (reason, _) in refused(session, campaign).items()} == {
        2: "not_a_number",
        3: "ragged_row",
        4: "unreadable_row",
        5: "missing_value",
        6: "consent_withdrawn",
        7: "suppressed",
        8: "no_consent",
        9: "duplicate",
        10: "duplicate",
    }
    imported = session.scalars(select(AudienceImport)).one()
    assert (imported.row_count, imported.message_count, imported.rejected_count) == (11, 2, 9)
    assert (imported.file_name, imported.phone_column, imported.columns) == ("spring.csv", "phone", HEADER.split(","))
    assert len(imported.sha256) == 64


def test_reasons_say_what_is_wrong_with_this_row(session: Session, load: Loader) -> None:
    campaign = load(["Ana,+52 55 5555 000,,", ",5555550001,,", "Cid,1", f"Dan,{phone(2)},,", f"Eva,{phone(2)},,"])
    assert [words for _, words in refused(session, campaign).values()] == [
        "phone has 9 digits after +52, MX needs 10: 1 too few.",
        "name is empty, body.1 needs it.",
        "The row has 2 fields, the header has 4.",
        "The same person as row 4.",
    ]


def test_raw_values_are_kept_as_they_were(session: Session, load: Loader) -> None:
    awkward = 'say "hi", \\N\ttwo\nlines 手机 \u2028'
    campaign = load([f'"{awkward.replace(chr(34), chr(34) * 2)}",call me,,', '"Bob,x,,'])
    rows = session.scalars(select(RejectedRow).order_by(RejectedRow.row_number)).all()
    assert rows[0].raw == {"name": awkward, "phone": "call me", "city": "", "code": ""}
    assert rows[1].raw == {WHOLE_LINE: '"Bob,x,,'}
    assert campaign.id


def test_the_first_good_row_of_a_person_wins(session: Session, load: Loader) -> None:
    """A row refused for another reason does not stand in the way of a later good one."""
    campaign = load([f",{phone(1)},,", f"Ana,{phone(1)},,", f"Bea,{phone(1)},,"])
    assert [(each.row_number, each.name) for each in messages(session, campaign)] == [(2, "Ana")]
    assert refused(session, campaign) == {
        1: ("missing_value", "name is empty, body.1 needs it."),
        3: ("duplicate", "The same person as row 2."),
    }


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 1000])
def test_duplicates_are_found_across_chunks(session: Session, load: Loader, chunk_rows: int) -> None:
    lines = [f"A,{phone(1)},,", f"B,{phone(2)},,", "C,+52 1 55 5555 0001,,", "D,5555550003,,", "E,5555550002,,"]
    lines += ["F,+52 55 5555 0901,,", "G,5555550901,,", "H,5555550001,,"]
    campaign = load(lines, chunk_rows=chunk_rows)
    assert [each.row_number for each in messages(session, campaign)] == [1, 2, 4]
    assert {number: (reason, words[-5:]) for number, (reason, words) in refused(session, campaign).items()} == {
        3: ("duplicate", "ow 1."),
        5: ("duplicate", "ow 2."),
        6: ("no_consent", "irst."),
        7: ("no_consent", "irst."),
        8: ("duplicate", "ow 1."),
    }


def test_the_same_list_may_serve_another_campaign(session: Session, load: Loader) -> None:
    first, second = load([f"Ana,{phone(1)},,"], "spring"), load([f"Ana,{phone(1)},,"], "summer")
    assert [len(messages(session, campaign)) for campaign in (first, second)] == [1, 1]
    assert session.scalar(select(func.count()).select_from(Contact)) == 1


def test_consent_is_asked_for_the_campaigns_category(session: Session, load: Loader) -> None:
    grant(session, [phone(2)], category="utility", source_text="form", now=NOON)
    withdraw(session, [phone(2)], category="marketing", source_text="form", now=NOON)
    campaign = load([f"Ana,{phone(1)},,", f"Bob,{phone(2)},,"], category="utility")
    assert [each.name for each in messages(session, campaign)] == ["Bob"]
    assert refused(session, campaign)[1][0] == "no_consent"


def test_the_newest_value_that_is_not_empty_wins_in_a_contact(session: Session, load: Loader) -> None:
    load([f"Ana,{phone(1)},Mérida,A1"], "spring")
    before = contact(session, phone(1)[1:]).updated_at
    load([f"Ana María,{phone(1)},,A2"], "summer", header="name,phone,city,code")
    session.expire_all()
    person = contact(session, phone(1)[1:])
    assert (person.name, person.attributes) == ("Ana María", {"city": "Mérida", "code": "A2"})
    load([f"Ana María,{phone(1)},,A2"], "autumn")
    session.expire_all()
    assert contact(session, phone(1)[1:]).updated_at == before == NOON


def test_people_who_get_no_message_are_known_as_contacts_too(session: Session, load: Loader) -> None:
    load(["Ana,+52 55 5555 0901,Mérida,"])
    assert contact(session, phone(901)[1:]).attributes == {"city": "Mérida"}


def test_progress_counts_the_rows_read(session: Session, load: Loader, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + "\n" + "".join(f"A,{phone(n)},,\n" for n in range(10)))
    source, seen = open_list(path, phone_column=None), []
    campaign = make_campaign(session, load.sender, load.template)
    load_audience(session, campaign, source, fill=lambda row: {}, chunk_rows=4, now=NOON, progress=seen.append)
    assert seen == [4, 8, 10]


def test_an_unknown_region_is_refused_before_anything_is_read(load: Loader) -> None:
    with pytest.raises(UsageError, match="region 'XX' is unknown"):
        load([f"Ana,{phone(1)},,"], region="XX")


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_an_import_that_fails_leaves_nothing_behind(sessions: Sessions, tmp_path: Path, fails_at: int) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + "\n" + "".join(f"A,{phone(n)},,\n" for n in range(30)))

    def fail(rows: int) -> None:
        if rows >= 10 * fails_at:
            raise ConnectionError("the power went")

    def create() -> None:
        with session_scope(sessions) as session:
            grant(session, [phone(1)], category="marketing", source_text="form", now=NOON)
            sender = make_sender(session)
            campaign = make_campaign(session, sender, make_template(session, sender))
            source = open_list(path, phone_column=None)
            load_audience(session, campaign, source, fill=lambda row: {}, chunk_rows=10, now=NOON, progress=fail)

    with pytest.raises(ConnectionError):
        create()
    with sessions() as session:
        for table in (Campaign, Message, RejectedRow, AudienceImport, Contact):
            assert session.scalar(select(func.count()).select_from(table)) == 0


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Ana", "", " Bob "]),
        st.sampled_from(["+5255555500{:02}", "55 5555 00{:02}", "5215555500{:02}", "+52 1 55 5555 00{:02}", "x{:02}"]),
        st.integers(0, 12),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, chunk_rows=st.integers(1, 12))
def test_the_database_decides_as_a_simple_loop_would(
    sessions: Sessions, tmp_path: Path, rows: list[tuple[str, str, int]], chunk_rows: int
) -> None:
    with sessions() as session:
        allowed = [phone(n) for n in range(0, 13, 2)]
        grant(session, allowed, category="marketing", source_text="form", now=NOON)
        load = Loader(session, tmp_path)
        lines = [f"{name},{form.format(number)},," for name, form, number in rows]
        campaign = load(lines, chunk_rows=chunk_rows)
        expected = simple_loop([(name, form.format(number)) for name, form, number in rows], allowed)
        found = {each.row_number: "message" for each in messages(session, campaign)}
        found |= {number: reason for number, (reason, _) in refused(session, campaign).items()}
        assert found == expected
        session.rollback()


def simple_loop(rows: Sequence[tuple[str, str]], allowed: Sequence[str]) -> dict[int, str]:
    """What becomes of each row, told the slow way."""
    listed: set[str] = set()
    fate = {}
    for number, (name, text_) in enumerate(rows, start=1):
        read = read_phone(text_, "MX")
        if not isinstance(read, Phone):
            fate[number] = read.reason.value
        elif not name.strip():
            fate[number] = "missing_value"
        elif read.e164 not in allowed:
            fate[number] = "no_consent"
        else:
            fate[number] = "duplicate" if read.e164 in listed else "message"
            listed.add(read.e164)
    return fate


def test_json_written_by_hand_is_json(session: Session, load: Loader) -> None:
    name = "a\\b\u0001\u2028'é😀"
    campaign = load([f'"{name}",{phone(1)},"c"",d",'])
    (message,) = messages(session, campaign)
    assert message.parameters["body.1"] == " ".join(name.split())
    assert contact(session, phone(1)[1:]).attributes == {"city": 'c",d'}


def test_two_imports_of_the_same_people_at_once_do_not_wait_for_each_other_forever(
    sessions: Sessions, tmp_path: Path
) -> None:
    """Both hold contacts the other wants; in one order of locking, the second waits and then goes on."""
    forward, backward = [f"A,{phone(n)},,\n" for n in range(500)], [f"B,{phone(n)},,\n" for n in reversed(range(500))]
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
    errors: list[Exception] = []

    def run(name: str, lines: list[str]) -> None:
        path = tmp_path / f"{name}.csv"
        path.write_text(HEADER + "\n" + "".join(lines))
        try:
            with session_scope(sessions) as session:
                campaign = make_campaign(session, sender, template, name)
                source = open_list(path, phone_column=None)
                load_audience(session, campaign, source, fill=lambda row: {}, chunk_rows=50, now=NOON)
        except Exception as error:  # noqa: BLE001 - the test shows it
            errors.append(error)

    threads = [
        threading.Thread(target=run, args=(f"{name}{n}", lines))
        for n in range(3)
        for name, lines in (("forward", forward), ("backward", backward))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 500
