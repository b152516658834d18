"""Requests done once."""

from datetime import timedelta

import pytest

from campaign.access.once import GIVEN_UP_AFTER, KEPT, once
from campaign.access.roles import Actor
from campaign.access.sign_in import forget_old
from campaign.errors import Conflict, UsageError
from models import IdempotencyKey
from models.access import Role
from models.session import session_scope
from tests.factories import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def ask(sessions, operator):
    """Asks under a key; the answer counts how often it was done."""
    done = []

    def ask(key="k1", request=None, by=operator, now=NOON, fail=None):
        def do():
            if fail:
                raise fail
            done.append(1)
            return {"done": len(done)}

        return once(sessions, by, key, request or {"name": "spring"}, do, now=now)

    return ask


def test_the_same_request_is_done_once_and_answered_again(ask):
    assert ask() == ask() == {"done": 1}


def test_without_a_key_it_is_done_each_time(ask):
    assert [ask(key=None), ask(key=None)] == [{"done": 1}, {"done": 2}]


def test_keys_belong_to_who_chose_them(ask):
    ask()
    assert ask(by=Actor("key:crm", Role.OPERATOR)) == {"done": 2}


def test_a_key_stands_for_one_request(ask):
    ask()
    with pytest.raises(UsageError, match="another request"):
        ask(request={"name": "summer"})


def test_what_failed_may_be_tried_again(ask):
    with pytest.raises(Conflict):
        ask(fail=Conflict("name taken"))
    assert ask() == {"done": 1}


def test_a_request_under_way_is_not_done_beside_it_unless_it_was_left_lying(sessions, ask):
    class Crash(BaseException):
        pass

    with pytest.raises(Crash):
        ask(fail=Crash())
    with pytest.raises(Conflict, match="still under way"):
        ask(now=NOON + SECOND)
    assert ask(now=NOON + GIVEN_UP_AFTER + SECOND) == {"done": 1}


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_an_unusable_key_is_refused(ask, key):
    with pytest.raises(UsageError, match="1 to 200"):
        ask(key=key)


def test_answers_are_forgotten_after_a_day(sessions, ask):
    ask()
    with session_scope(sessions) as session:
        forget_old(session, NOON + KEPT + SECOND)
        assert session.query(IdempotencyKey).count() == 0
