"""The use of the messaging limit, hour by hour."""

from datetime import timedelta

from sqlalchemy import text

from campaign.desk.senders import HOURS, by_hour, sender_views, use_of
from models import Sender
from models.session import session_scope
from tests.factories import NOON, fiction_phone, make_sender

HOUR = timedelta(hours=1)


def test_every_hour_of_the_day_has_its_bar_and_the_present_one_is_the_last():
    hours = by_hour([(NOON - HOUR * 3, 5), (NOON + timedelta(minutes=10), 2)], NOON + timedelta(minutes=20))
    assert len(hours) == HOURS + 1
    assert hours[-1] == (NOON, 2)
    assert hours[-4] == (NOON - HOUR * 3, 5)
    assert sum(people for _, people in hours) == 7


def test_who_was_written_to_in_the_hour_that_the_day_begins_in_is_shown_too():
    assert by_hour([(NOON - timedelta(hours=23, minutes=50), 3)], NOON)[0] == (NOON - timedelta(hours=24), 3)


def test_the_share_is_of_the_tighter_limit():
    sender = _sender(tier=2000, warm_up={"start": 100, "grow": 2.0, "every_s": 86400, "until": None})
    use = use_of(sender, [(NOON, 50)], 0.0, NOON)
    assert (use.used, use.ceiling, use.limited_by, use.share) == (50, 100, "warm-up", 0.5)


def test_a_number_without_limit_has_no_share():
    use = use_of(_sender(tier=None, warm_up=None), [], 0.0, NOON)
    assert (use.ceiling, use.limited_by, use.share) == (None, None, None)


def _sender(**given):
    return Sender(name="shop", warm_up_began_at=None, **given)


def test_numbers_of_a_portfolio_share_its_use(sessions, settings):
    with session_scope(sessions) as session:
        make_sender(session, "one", tier=250)
        make_sender(session, "two", tier=250, phone_number_id="100000000000021")
        for number in range(3):
            session.execute(
                text("INSERT INTO recipient_use (portfolio, phone_identity, last_at) VALUES (:p, :i, :at)"),
                {"p": "100000000000010", "i": fiction_phone(number), "at": NOON - HOUR * number},
            )
    with sessions() as session:
        views = sender_views(session, settings, NOON)
        assert [(view.sender.name, view.use.used, view.use.ceiling) for view in views] == [
            ("one", 3, 250),
            ("two", 3, 250),
        ]
        assert [view.troubles for view in views] == [[], []]
        assert [view.sender.name for view in sender_views(session, settings, NOON, "two")] == ["two"]
