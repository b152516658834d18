"""Somebody is erased: nothing in the database tells of them, and everything still adds up."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaign.audience.phone import Phone, read_phone
from campaign.audience.reasons import RejectReason
from campaign.consent.erased import KEY_FILE, ErasedPeople, SubjectKey, subject_key
from campaign.consent.ledger import import_consent, show
from campaign.consent.replies import ReplyRules, apply_replies
from campaign.consent.seals import seal_events, verify
from campaign.contacts.erasure import Erased, Request, erase_person
from campaign.contacts.load import import_contacts
from campaign.contacts.traces import spellings
from campaign.errors import ConfigurationError, UsageError
from campaign.providers.base import InboundMessage
from campaign.settings import Settings, current_settings
from models import (
    AudienceImport,
    ConsentEvent,
    Contact,
    KnownUser,
    MarketingCap,
    Message,
    RecipientUse,
    RejectedRow,
    Reply,
    Suppression,
)
from models import WebhookEvent as Webhook
from models.campaign import Campaign
from models.session import Sessions, session_scope
from tests.factories import NOON, grant, make_campaign, make_sender, make_template, withdraw

ANN, BOB = "+525555501234", "+525555509876"
KEY = SubjectKey(b"a key of the tests, long enough!")
LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CAMPAIGN_ERASURE_KEY", KEY.secret.decode())
    current_settings.cache_clear()
    yield
    current_settings.cache_clear()


@pytest.fixture
def world(sessions: Sessions) -> Sessions:
    """Ann and Bob in every table that knows of people."""
    _write_of(sessions, ANN, BOB)
    seal_events(sessions, most=100, now=NOON)
    return sessions


def _write_of(sessions: Sessions, *phones: str) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        campaigns = [make_campaign(session, sender, template, name) for name in ("spring", "summer")]
        session.add(AudienceImport(campaign_id=campaigns[0].id, file_name="spring.csv", sha256="ab" * 32,
                                   columns=["tel"], phone_column="tel", row_count=4, message_count=2,
                                   rejected_count=2))  # fmt: skip
        session.flush()
        for number, phone in enumerate(phones):
            _everywhere(session, campaigns, number, phone)


def _everywhere(session: Session, campaigns: list[Campaign], number: int, phone: str) -> None:
    wa_id = f"521{phone[3:]}"
    person = {"phone_identity": phone[1:], "phone_e164": phone}
    session.add(
        Contact(**person, wa_id=wa_id, name=f"Name {phone}", attributes={"note": f"call {phone}"}, created_at=NOON)
    )
    session.add(Suppression(**person, category="utility", reason="manual", source="test", until=None, created_at=NOON))
    session.add(KnownUser(user_id=f"US.{number}", **person, created_at=NOON))
    session.add(RecipientUse(portfolio="p", phone_identity=phone[1:], last_at=NOON))
    session.add(MarketingCap(phone_identity=phone[1:], until=LATER))
    grant(session, [phone], proof=f"form of {phone}", source=f"call to {phone}")
    withdraw(session, [phone], "utility")
    messages = [
        Message(campaign_id=campaign.id, sender_id=campaign.sender_id, row_number=number, **person, name=phone,
                parameters={"body.1": f"Hi {phone}"}, state=state, due_at=NOON, queued_at=NOON, wa_id=wa_id,
                wamid=f"wamid.{state}{wa_id}", user_id=f"US.{number}", error_text=f"about {wa_id}")
        for campaign, state in zip(campaigns, ("delivered", "queued"), strict=True)
    ]  # fmt: skip
    session.add_all(messages)
    session.flush()
    status = {"id": f"wamid.delivered{wa_id}", "status": "read", "timestamp": "1", "recipient_id": wa_id}
    body = {"entry": [{"changes": [{"field": "messages", "value": {"statuses": [status]}}]}]}
    session.add(Webhook(sender_id=campaigns[0].sender_id, body=json.dumps(body).encode(), processed_at=NOON))
    answer = {"message_id": messages[0].id, "kind": "text", "text": f"I am {phone}", "attributed_by": "context"}
    reply = Reply(
        inbound_id=f"wamid.in{phone}", campaign_id=campaigns[0].id, opts_out=False, received_at=NOON, **answer
    )
    session.add(reply)
    spelled = "044 " + " ".join(phone[3:])
    session.add(
        RejectedRow(import_id=1, row_number=10 + number, raw={"tel": spelled}, reason="duplicate", text="again")
    )


def erase(sessions: Sessions, phone: str = ANN) -> Erased:
    with session_scope(sessions) as session:
        return erase_person(session, Request(phone, "asked", "test"), KEY, NOON)


def traces(sessions: Sessions, phone: str) -> list[str]:
    """Rows of any table in which the digits stand: as text, spaced out, or in bytes."""
    digits = phone[3:]
    marks = (digits, " ".join(digits), digits.encode().hex())
    with sessions() as session:
        tables = session.scalars(
            text("SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables "
                 "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'")
        ).all()  # fmt: skip
        rows = [
            f"{table}: {row}" for table in tables for row in session.scalars(text(f"SELECT t::text FROM {table} t"))
        ]
    return [row for row in rows if any(mark in row for mark in marks)]


def test_no_row_of_any_table_has_the_phone_and_another_persons_rows_are_as_they_were(world: Sessions) -> None:
    before = traces(world, BOB)
    assert len({row.split(":")[0] for row in traces(world, ANN)}) >= 11
    erased = erase(world)
    assert traces(world, ANN) == []
    assert traces(world, BOB) == before
    assert erased.removed == {
        "contact": 1, "known_user": 1, "consent_event": 2, "suppression": 1, "suppression_event": 1, "marketing_cap": 1,
        "recipient_use": 1, "reply": 1, "message": 2, "rejected_row": 1, "webhook_event": 1,
    }  # fmt: skip
    assert [each["file_name"] for each in erased.lists] == ["spring.csv"]


def test_reports_still_add_up_and_what_was_not_sent_never_is(world: Sessions) -> None:
    erase(world)
    with world() as session:
        found = session.execute(select(Message.state, Message.reason).order_by(Message.id)).all()
        assert [tuple(row) for row in found] == [
            ("delivered", None), ("skipped", "erased"), ("delivered", None), ("queued", None),
        ]  # fmt: skip
        assert session.scalar(text("SELECT count(*) FROM rejected_row")) == 2


def test_the_ledger_still_proves_itself_and_tells_of_the_erasure(world: Sessions) -> None:
    erase(world)
    with world() as session:
        found = verify(session)
    assert (found.faults, found.events, found.erased, found.erasures) == ([], 4, 2, 1)


def test_an_erasure_is_no_cover_for_a_change(world: Sessions) -> None:
    erase(world)
    with session_scope(world) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE consent_event SET action = 'opt_in' WHERE id = 2"))
    with world() as session:
        assert ["consent event 2 has been changed" in fault for fault in verify(session).faults] == [True]


def test_an_event_that_was_erased_before_it_was_sealed_is_sealed_as_it_is(world: Sessions) -> None:
    with session_scope(world) as session:
        grant(session, [ANN], "authentication")
    erase(world)
    seal_events(world, most=100, now=LATER)
    with world() as session:
        found = verify(session)
    assert (found.faults, found.tail, found.events) == ([], 0, 5)


def test_an_old_list_does_not_bring_them_back_and_a_new_word_does(world: Sessions, tmp_path: Path) -> None:
    erase(world)
    old = tmp_path / "old.csv"
    times = ["2026-01-01T00:00:00Z", "", (NOON + timedelta(hours=1)).isoformat()]
    old.write_text("phone,occurred_at\n" + "".join(f"{ANN},{at}\n" for at in times), "utf-8")
    with session_scope(world) as session:
        result = import_consent(session, old, category="marketing", source_text="crm", now=LATER)
        assert result.rejected_by_reason == {RejectReason.ERASED: 2}
        assert result.recorded == 1
        assert [event.source for event in show(session, ANN, now=LATER).events] == ["crm"]


def test_a_list_of_contacts_leaves_them_out(world: Sessions, tmp_path: Path) -> None:
    erase(world)
    path = tmp_path / "people.csv"
    path.write_text(f"phone,name\n{ANN},Ann\n{BOB},Bob\n", "utf-8")
    with session_scope(world) as session:
        result = import_contacts(session, path, now=LATER)
        assert (result.changed, dict(result.rejected_by_reason)) == (1, {RejectReason.ERASED: 1})


def test_who_was_erased_can_be_told_but_nothing_of_them(world: Sessions) -> None:
    erase(world)
    with world() as session:
        record = show(session, ANN, now=LATER)
    assert (record.events, record.erased_at) == ([], NOON)


def test_erasing_again_takes_what_came_since(world: Sessions) -> None:
    """A late report of a message that was on its way names the person again."""
    erase(world)
    with session_scope(world) as session:
        session.execute(
            text("UPDATE message SET wa_id = :id, wamid = 'w' || :id WHERE id = 1"), {"id": f"521{ANN[3:]}"}
        )
        grant(session, [ANN])
    erased = erase(world)
    assert traces(world, ANN) == []
    assert erased.removed == {"consent_event": 1, "message": 2, "reply": 1}


def test_a_message_on_its_way_is_told(world: Sessions) -> None:
    with session_scope(world) as session:
        session.execute(text("UPDATE message SET state = 'accepted' WHERE id = 1"))
    assert erase(world).on_their_way == 1


def test_after_an_error_nothing_is_erased(world: Sessions) -> None:
    before = traces(world, ANN)
    with pytest.raises(UsageError):
        erase(world, "nobody")
    with world() as session:
        erase_person(session, Request(ANN, "asked", "test"), KEY, NOON)
        session.rollback()
    assert traces(world, ANN) == before


OLD, OLDEST = "+525555507777", "+525555508888"
"""Numbers that Ann had before."""


@pytest.fixture
def moved(sessions: Sessions) -> Sessions:
    """Ann, who has had three numbers and was written to at each, and Bob."""
    _write_of(sessions, OLDEST, OLD, ANN, BOB)
    for minutes, (before, after) in enumerate(((OLDEST, OLD), (OLD, ANN)), 1):
        change_number(sessions, before, after, minutes)
    seal_events(sessions, most=100, now=NOON)
    return sessions


def change_number(sessions: Sessions, before: str, after: str, minutes: int) -> None:
    """What the platform tells of a change, kept and applied."""
    at = NOON + timedelta(minutes=minutes)
    said = {"from": before[1:], "id": f"wamid.change{minutes}", "type": "system",
            "system": {"body": f"User changed from {before} to {after}", "wa_id": after[1:]}}  # fmt: skip
    body = {"entry": [{"changes": [{"field": "messages", "value": {"messages": [said]}}]}]}
    message = InboundMessage(id=said["id"], kind="system", occurred_at=at, wa_id=before[1:], new_wa_id=after[1:])  # type: ignore[arg-type]
    with session_scope(sessions) as session:
        session.add(Webhook(sender_id=1, body=json.dumps(body).encode(), processed_at=NOON, received_at=at))
        apply_replies(session, [message], [], ReplyRules(), at + timedelta(seconds=1))


@pytest.mark.parametrize("named", [ANN, OLD, OLDEST])
def test_whichever_number_is_named_no_row_of_any_table_has_any_of_them(moved: Sessions, named: str) -> None:
    before = traces(moved, BOB)
    erased = erase(moved, named)
    assert {each.phone for each in erased.numbers} == {ANN, OLD, OLDEST} - {named}
    assert [traces(moved, phone) for phone in (ANN, OLD, OLDEST)] == [[], [], []]
    assert traces(moved, BOB) == before
    with moved() as session:
        found = verify(session)
        assert (found.faults, found.erasures) == ([], 3)
        # Neither number's old opt-in comes back with an old list.
        people = ErasedPeople.on_record(session)
        assert [people.erased_at(phone[1:]) for phone in (ANN, OLD, OLDEST, BOB)] == [NOON, NOON, NOON, None]


def test_a_late_report_at_an_earlier_number_is_found_by_the_present_one(moved: Sessions) -> None:
    erase(moved)
    with session_scope(moved) as session:
        at_old = text("UPDATE message SET wa_id = :id, wamid = 'w' || :id WHERE row_number = 1 AND campaign_id = 1")
        session.execute(at_old, {"id": f"521{OLD[3:]}"})
    assert traces(moved, OLD)
    erase(moved)
    assert traces(moved, OLD) == []


def test_who_has_an_earlier_number_now_stays_and_what_was_there_before_goes(moved: Sessions) -> None:
    later = NOON + timedelta(hours=1)
    with session_scope(moved) as session:
        note = {"note": f"call {OLD}"}
        session.add(Contact(phone_identity=OLD[1:], phone_e164=OLD, name="Sam", attributes=note, created_at=later))
        session.add(KnownUser(user_id="US.77", phone_identity=OLD[1:], phone_e164=OLD, created_at=later))
        grant(session, [OLD], occurred_at=later, source="Sam's own word")
    erased = erase(moved)
    assert {each.phone: each.until for each in erased.numbers} == {
        OLDEST: None, OLD: NOON + timedelta(minutes=2),
    }  # fmt: skip
    with moved() as session:
        assert session.scalars(select(Contact.name).where(Contact.phone_identity == OLD[1:])).all() == ["Sam"]
        assert [event.source for event in show(session, OLD, now=LATER).events] == ["Sam's own word"]
        assert session.scalars(select(KnownUser.user_id).where(KnownUser.phone_identity == OLD[1:])).all() == ["US.77"]
        assert session.scalar(select(Message.id).where(Message.phone_identity == OLD[1:])) is None
        assert ErasedPeople.on_record(session).erased_at(OLD[1:]) is None
        assert verify(session).faults == []
    # A late report names the number again; it goes, and what is said of whoever has it stays.
    with session_scope(moved) as session:
        at_old = text("UPDATE message SET wa_id = :id WHERE row_number = 1 AND campaign_id = 1")
        session.execute(at_old, {"id": f"521{OLD[3:]}"})
    erase(moved)
    with moved() as session:
        assert session.scalars(select(Contact.attributes)).all() == [{"note": f"call {BOB}"}, note]
        assert session.scalar(select(Message.id).where(Message.wa_id == f"521{OLD[3:]}")) is None
    # Named itself, the number is erased as it stands, and nobody who had it before is looked for.
    assert erase(moved, OLD).numbers == []
    assert traces(moved, OLD) == []


def test_what_another_persons_consent_says_of_them_goes_and_the_seals_hold_for_both(world: Sessions) -> None:
    with session_scope(world) as session:
        grant(session, [BOB], "utility", proof=f"on the form of {ANN}, his sister", source=f"call from {ANN[3:]}")
    seal_events(world, most=100, now=NOON)
    erase(world)
    with world() as session:
        event = session.get_one(ConsentEvent, 5)
        assert (event.proof, event.source, event.action) == ("on the form of erased, his sister", "call from erased",
                                                             "opt_in")  # fmt: skip
        assert verify(session).faults == []
    assert traces(world, ANN) == []
    erase(world, BOB)
    assert traces(world, BOB) == []
    with world() as session:
        assert (verify(session).faults, verify(session).erased) == ([], 5)
    with session_scope(world) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE consent_event SET source = 'call' WHERE id = 5"))
    with world() as session:
        assert ["consent event 5 has been changed" in fault for fault in verify(session).faults] == [True]


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+525555501234", ["5215555501234", "525555501234"]),
        ("+5491151234567", ["5491151234567", "541151234567"]),
        ("+5500911112222", ["5500911112222"]),
        ("+12025550111", ["12025550111"]),
    ],
)
def test_a_phone_is_looked_for_in_all_its_spellings(phone: str, expected: list[str]) -> None:
    found = read_phone(phone, None, any_type=True)
    if isinstance(found, Phone):
        assert spellings(found) == expected


class TestKey:
    def test_the_key_of_the_settings_comes_first(self, tmp_path: Path) -> None:
        assert subject_key(Settings(_env_file=None, home=tmp_path, erasure_key="k" * 32)).secret == b"k" * 32
        assert list(tmp_path.iterdir()) == []

    def test_without_one_a_file_is_made_once_that_nobody_else_can_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CAMPAIGN_ERASURE_KEY")
        settings = Settings(_env_file=None, home=tmp_path / "home")
        made = subject_key(settings)
        assert subject_key(settings) == made
        assert (tmp_path / "home" / KEY_FILE).stat().st_mode & 0o077 == 0

    def test_a_file_that_is_no_key_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CAMPAIGN_ERASURE_KEY")
        (tmp_path / KEY_FILE).write_text("short")
        with pytest.raises(ConfigurationError, match=KEY_FILE):
            subject_key(Settings(_env_file=None, home=tmp_path))

    def test_no_key_is_asked_for_while_nobody_was_erased(self, sessions: Sessions, tmp_path: Path) -> None:
        with sessions() as session:
            people = ErasedPeople.on_record(session, Settings(_env_file=None, home=tmp_path))
        assert people.erased_at(ANN[1:]) is None
        assert list(tmp_path.iterdir()) == []
