"""What the SQL of an upload promises beyond what a whole import shows."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaign.audience import store
from campaign.audience.store import ListedPerson, Refusal
from campaign.consent.ledger import grant, withdraw
from models import Campaign, Contact, Message
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


def person(row_number: int, phone: str, name: str | None = "Ana", attributes: str = "{}") -> ListedPerson:
    return ListedPerson(row_number, phone[1:], phone, "US", name, attributes, "{}")


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def campaign(session: Session) -> Campaign:
    sender = make_sender(session)
    return make_campaign(session, sender, make_template(session, sender))


A, B, C, D = "+12015550100", "+12015550101", "+12025550143", "+12025550144"


def test_refusals_name_the_gates_reason_or_the_earlier_row(session: Session, campaign: Campaign) -> None:
    make_messages(session, campaign, 2)
    grant(session, [A, C], category="marketing", source_text="form", now=NOON - timedelta(days=1))
    withdraw(session, [D], source_text="STOP", now=NOON)
    people = [person(10 + n, phone) for n, phone in enumerate((A, B, C, D))]
    assert sorted(store.refuse(session, campaign, people, NOON)) == [
        Refusal(10, None, 1),
        Refusal(11, "no_consent", 2),
        Refusal(13, "consent_withdrawn", None),
    ]
    assert store.refuse(session, campaign, [], NOON) == []


def test_messages_of_other_campaigns_are_no_duplicates(session: Session, campaign: Campaign) -> None:
    grant(session, [A], category="marketing", source_text="form", now=NOON)
    sender = make_sender(session, "other")
    make_messages(session, make_campaign(session, sender, make_template(session, sender, account="x"), "other"), 1)
    assert store.refuse(session, campaign, [person(1, A)], NOON) == []


def test_contacts_are_merged_once_for_all_chunks_and_the_first_row_wins(session: Session) -> None:
    store.begin_import(session)
    store.stage_people(session, [person(1, A, "Ana", '{"city": "Mérida"}')])
    store.stage_people(session, [person(9, A, "Late", '{"city": "León"}'), person(10, B, None)])
    store.merge_contacts(session, NOON)
    found = session.scalars(select(Contact).order_by(Contact.phone_identity)).all()
    assert [(each.name, each.attributes) for each in found] == [("Ana", {"city": "Mérida"}), (None, {})]


def test_an_empty_value_takes_nothing_away_from_a_contact(session: Session) -> None:
    for name, attributes in (("Ana", '{"city": "Mérida"}'), (None, '{"plan": "gold"}')):
        store.begin_import(session)
        store.stage_people(session, [person(1, A, name, attributes)])
        store.merge_contacts(session, NOON)
    (found,) = session.scalars(select(Contact))
    assert (found.name, found.region, found.attributes) == ("Ana", "US", {"city": "Mérida", "plan": "gold"})


def test_a_contact_that_says_the_same_again_is_not_touched(session: Session) -> None:
    touched = text("SELECT phone_identity, xmin::text || ' ' || xmax::text FROM contact ORDER BY 1")
    states = []
    for second in ("Bob", "Bob", "Bea"):
        store.begin_import(session)
        store.stage_people(session, [person(1, A, "Ana", '{"city": "Mérida"}'), person(2, B, second)])
        store.merge_contacts(session, NOON)
        states.append([tuple(row) for row in session.execute(touched)])
    assert states[0] == states[1]
    assert states[1][0] == states[2][0]
    assert [each.name for each in session.scalars(select(Contact).order_by(Contact.phone_identity))] == ["Ana", "Bea"]


def test_somebody_who_becomes_a_contact_while_the_others_are_added_is_merged(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.add(Contact(phone_identity=A[1:], phone_e164=A, name="Ana", attributes={"city": "Mérida"}))
    session.flush()
    # As another transaction leaves it that commits right after nobody was found to be known.
    monkeypatch.setattr(store, "_ANY_KNOWN", text("SELECT false"))
    store.begin_import(session)
    store.stage_people(session, [person(1, A, None, '{"plan": "gold"}'), person(2, B, "Bob")])
    store.merge_contacts(session, NOON)
    session.expire_all()
    found = session.scalars(select(Contact).order_by(Contact.phone_identity)).all()
    assert [(each.name, each.attributes) for each in found] == [
        ("Ana", {"city": "Mérida", "plan": "gold"}),
        ("Bob", {}),
    ]


def test_only_who_may_have_come_before_is_looked_for_in_the_list(session: Session, campaign: Campaign) -> None:
    make_messages(session, campaign, 2)
    grant(session, [A, B, C], category="marketing", source_text="form", now=NOON - timedelta(days=1))
    people = [person(10 + n, phone) for n, phone in enumerate((A, B, C))]
    found = store.refuse(session, campaign, people, NOON, maybe_listed=[B[1:], C[1:]])
    assert found == [Refusal(11, None, 2)]


def test_a_message_needs_its_campaign_and_goes_with_it(session: Session, campaign: Campaign) -> None:
    make_messages(session, campaign, 2)
    store.begin_import(session)
    people = [person(7, C)]
    store.add_messages(session, campaign, people, {}, NOON)
    orphan = Campaign(id=campaign.id + 1, sender_id=campaign.sender_id)
    with pytest.raises(ForeignKeyViolation, match="message belongs to no campaign"), session.begin_nested():
        store.add_messages(session, orphan, people, {}, NOON)
    session.delete(campaign)
    session.flush()
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_nobody_deletes_a_campaign_whose_messages_are_being_written(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
    with sessions() as writer, sessions() as other:
        store.add_messages(writer, campaign, [person(1, A)], {}, NOON)
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            other.execute(text("DELETE FROM campaign"))


def test_room_for_an_import_is_gone_with_its_transaction(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        store.begin_import(session)
        assert session.scalar(text("SHOW statement_timeout")) == "30min"
    with sessions() as session:
        assert session.scalar(text("SELECT to_regclass('pg_temp.listed_person')")) is None
        assert session.scalar(text("SHOW statement_timeout")) == "1min"
