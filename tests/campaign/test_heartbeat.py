"""Whether beat rings is a row, not a guess."""

from datetime import timedelta

import pytest

from campaign.desk.problems import Kind, find_problems
from campaign.heartbeat import SILENT_AFTER, last_beat, note_beat
from tests.factories import NOON


@pytest.fixture
def problems(sessions, settings):
    def found(now):
        with sessions() as session:
            return [(each.kind, each.since) for each in find_problems(session, settings, {}, now)]

    return found


def test_the_latest_sign_of_life_stands_in_whatever_order_two_come(sessions):
    note_beat(sessions, NOON)
    note_beat(sessions, NOON - timedelta(seconds=5))
    with sessions() as session:
        assert last_beat(session) == NOON


def test_beat_that_was_never_started_is_no_problem_and_one_that_fell_silent_is(sessions, problems):
    assert problems(NOON) == []
    note_beat(sessions, NOON)
    assert problems(NOON + SILENT_AFTER) == []
    assert problems(NOON + SILENT_AFTER + timedelta(seconds=1)) == [(Kind.ENGINE_SILENT, NOON)]
