"""Signing in: throttled, ending, and the first user."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from campaign.access.sign_in import (
    forget_old,
    make_setup_token,
    set_up,
    sign_in,
    sign_out,
    user_of,
)
from campaign.access.throttle import FREE_TRIES
from campaign.access.users import add_user
from campaign.errors import CampaignError, Conflict, NotSignedIn, Throttled
from models import LoginAttempt, WebSession
from models.access import Role
from models.session import session_scope
from tests.campaign.access.conftest import PASSWORD
from tests.factories import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ana(sessions, admin):
    return add_user(sessions, admin, "ana", PASSWORD, Role.OPERATOR)


def enter(sessions, password=PASSWORD, name="ana", address="192.0.2.1", now=NOON):
    return sign_in(sessions, name, password, address=address, now=now, lasts=DAY)[0]


def test_a_session_says_who_it_is_until_it_is_ended(sessions, ana):
    token = enter(sessions, name=" ANA")
    assert user_of(sessions, token, now=NOON, idle=HOUR).name == "ana"
    sign_out(sessions, token)
    assert user_of(sessions, token, now=NOON, idle=HOUR) is None


def test_the_token_itself_is_not_kept(sessions, ana):
    token = enter(sessions)
    with sessions() as session:
        assert token not in session.query(WebSession).one().token_sha256


def test_a_session_ends_when_it_lies_idle_and_after_its_time_though_it_is_used(sessions, ana):
    token = enter(sessions)
    assert user_of(sessions, token, now=NOON + HOUR, idle=HOUR) is None
    token = enter(sessions)
    for minutes in range(0, 24 * 60, 50):
        assert user_of(sessions, token, now=NOON + timedelta(minutes=minutes), idle=HOUR)
    assert user_of(sessions, token, now=NOON + DAY, idle=HOUR) is None


def test_wrong_name_and_wrong_password_sound_the_same(sessions, ana):
    said = set()
    for name, password in (("ana", "wrong password"), ("nobody", PASSWORD), ("<script>", PASSWORD)):
        with pytest.raises(NotSignedIn) as refused:
            enter(sessions, password, name)
        said.add(str(refused.value))
    assert len(said) == 1


def test_after_some_failures_each_further_one_costs_a_longer_wait(sessions, ana):
    for _ in range(FREE_TRIES):
        with pytest.raises(NotSignedIn):
            enter(sessions, "wrong password")
    with pytest.raises(Throttled, match="try again in 2 s"):
        enter(sessions)
    assert enter(sessions, now=NOON + timedelta(seconds=3), address="192.0.2.2")


def test_an_address_is_throttled_whatever_name_it_tries(sessions, ana):
    for number in range(FREE_TRIES):
        with pytest.raises(NotSignedIn):
            enter(sessions, name=f"guess{number}")
    with pytest.raises(Throttled):
        enter(sessions)
    assert enter(sessions, address="192.0.2.2")


def test_a_right_password_makes_the_failures_of_its_name_forgotten(sessions, ana):
    with pytest.raises(NotSignedIn):
        enter(sessions, "wrong password")
    enter(sessions)
    with sessions() as session:
        assert [tried.key for tried in session.query(LoginAttempt)] == ["address:192.0.2.1"]


def test_what_is_over_is_forgotten(sessions, ana):
    enter(sessions)
    with pytest.raises(NotSignedIn):
        enter(sessions, "wrong password")
    with session_scope(sessions) as session:
        forget_old(session, NOON + 2 * DAY)
        assert (session.query(WebSession).count(), session.query(LoginAttempt).count()) == (0, 0)


class TestSetUp:
    def test_the_printed_token_makes_one_admin_and_no_second(self, sessions):
        token = make_setup_token(sessions)
        assert set_up(sessions, token, "Ana", PASSWORD).role == "admin"
        assert make_setup_token(sessions) is None
        with pytest.raises(Conflict, match="sign in instead"):
            set_up(sessions, token, "eve", PASSWORD)

    def test_only_the_newest_token_counts(self, sessions):
        old, new = make_setup_token(sessions), make_setup_token(sessions)
        with pytest.raises(NotSignedIn, match="newest"):
            set_up(sessions, old, "ana", PASSWORD)
        assert set_up(sessions, new, "ana", PASSWORD)

    def test_of_two_at_once_one_becomes_the_admin(self, sessions):
        token, outcomes, barrier = make_setup_token(sessions), [], Barrier(2)

        def try_it(name):
            barrier.wait(10)
            try:
                outcomes.append(set_up(sessions, token, name, PASSWORD).name)
            except CampaignError:
                outcomes.append(None)

        threads = [Thread(target=try_it, args=(name,)) for name in ("ana", "eve")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len([name for name in outcomes if name]) == 1
