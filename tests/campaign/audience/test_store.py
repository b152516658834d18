"""What the SQL of an upload promises beyond what a whole import shows."""

from collections.abc import Iterator

import pytest
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaign.audience import store
from models import Campaign, Contact, Message
from models.session import Sessions, session_scope
from tests.campaign.audience.listed import Listed, people
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def campaign(session: Session) -> Campaign:
    sender = make_sender(session)
    return make_campaign(session, sender, make_template(session, sender))


A, B, C, D = "+12015550100", "+12015550101", "+12025550143", "+12025550144"


def test_contacts_are_merged_once_for_all_chunks_and_the_first_row_wins(session: Session) -> None:
    store.begin_import(session)
    store.stage_people(session, people(Listed(1, A, "Ana", '{"city": "Mérida"}')))
    store.stage_people(session, people(Listed(9, A, "Late", '{"city": "León"}'), Listed(10, B, None)))
    store.merge_contacts(session, NOON)
    found = session.scalars(select(Contact).order_by(Contact.phone_identity)).all()
    assert [(each.name, each.attributes) for each in found] == [("Ana", {"city": "Mérida"}), (None, {})]


def test_an_empty_value_takes_nothing_away_from_a_contact(session: Session) -> None:
    for name, attributes in (("Ana", '{"city": "Mérida"}'), (None, '{"plan": "gold"}')):
        store.begin_import(session)
        store.stage_people(session, people(Listed(1, A, name, attributes)))
        store.merge_contacts(session, NOON)
    (found,) = session.scalars(select(Contact))
    assert (found.name, found.region, found.attributes) == ("Ana", "US", {"city": "Mérida", "plan": "gold"})


def test_a_contact_that_says_the_same_again_is_not_touched(session: Session) -> None:
    touched = text("SELECT phone_identity, xmin::text || ' ' || xmax::text FROM contact ORDER BY 1")
    states = []
    for second in ("Bob", "Bob", "Bea"):
        store.begin_import(session)
        store.stage_people(session, people(Listed(1, A, "Ana", '{"city": "Mérida"}'), Listed(2, B, second)))
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
    store.stage_people(session, people(Listed(1, A, None, '{"plan": "gold"}'), Listed(2, B, "Bob")))
    store.merge_contacts(session, NOON)
    session.expire_all()
    found = session.scalars(select(Contact).order_by(Contact.phone_identity)).all()
    assert [(each.name, each.attributes) for each in found] == [
        ("Ana", {"city": "Mérida", "plan": "gold"}),
        ("Bob", {}),
    ]


def test_a_message_needs_its_campaign_and_goes_with_it(session: Session, campaign: Campaign) -> None:
    make_messages(session, campaign, 2)
    store.begin_import(session)
    listed = people(Listed(7, C))
    store.add_messages(session, campaign, listed, {}, NOON)
    orphan = Campaign(id=campaign.id + 1, sender_id=campaign.sender_id)
    with pytest.raises(ForeignKeyViolation, match="message belongs to no campaign"), session.begin_nested():
        store.add_messages(session, orphan, listed, {}, NOON)
    session.delete(campaign)
    session.flush()
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_nobody_deletes_a_campaign_whose_messages_are_being_written(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
    with sessions() as writer, sessions() as other:
        store.add_messages(writer, campaign, people(Listed(1, A)), {}, NOON)
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
