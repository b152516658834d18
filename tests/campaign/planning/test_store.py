"""What planning asks the database."""

from datetime import timedelta

from campaign.planning.store import begin_warm_up, used_by_hour
from models import RecipientUse, Sender
from models.session import Sessions, session_scope
from tests.factories import NOON, make_sender

MINUTE = timedelta(minutes=1)


def test_people_of_the_last_day_are_counted_by_hour_at_their_latest(sessions: Sessions) -> None:
    used = {"a": 25 * 60, "b": 24 * 60, "c": 90, "d": 95, "e": 5}
    with session_scope(sessions) as session:
        for person, minutes in used.items():
            session.add(RecipientUse(portfolio="one", phone_identity=person, last_at=NOON - minutes * MINUTE))
        session.add(RecipientUse(portfolio="two", phone_identity="a", last_at=NOON))
        session.flush()
        assert used_by_hour(session, "one", NOON) == [(NOON - 90 * MINUTE, 2), (NOON - 5 * MINUTE, 1)]


def test_a_warm_up_begins_once(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        warming, other = make_sender(session, warm_up={"start": 5}), make_sender(session, "other")
        for minutes in (0, 5):
            begin_warm_up(session, warming.id, NOON + minutes * MINUTE)
            begin_warm_up(session, other.id, NOON)
        session.expire_all()
        assert session.get_one(Sender, warming.id).warm_up_began_at == NOON
        assert session.get_one(Sender, other.id).warm_up_began_at is None
