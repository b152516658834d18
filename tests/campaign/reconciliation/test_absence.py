"""The proof of absence: each of its four conditions by itself, and nothing proven where the stream is silent."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.reconciliation.absence import LEAST_SHARE, Patience, Second, Stream, Unanswered, absent
from tests.factories import NOON

PATIENCE = Patience(departure=timedelta(seconds=60), grace=timedelta(seconds=900))
MESSAGE = Unanswered(1, NOON)
LATER = NOON + timedelta(hours=1)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def proven(*seconds: Second, drained_until: datetime = LATER) -> bool:
    return absent([MESSAGE], Stream(seconds), PATIENCE, drained_until) == [MESSAGE]


def test_it_is_absent_when_later_messages_have_reported() -> None:
    assert proven(Second(at(61), 10, 10))


def test_it_is_not_while_nothing_was_sent_after_it() -> None:
    assert not proven()
    assert not proven(Second(at(10), 50, 50))


def test_it_is_not_while_later_messages_are_silent() -> None:
    assert not proven(Second(at(61), 10, 0))


@pytest.mark.parametrize(("drained", "expected"), [(959, False), (960, True)])
def test_it_is_not_before_the_grace_has_passed_and_the_inbox_is_drained_up_to_then(
    drained: int, expected: bool
) -> None:
    assert proven(Second(at(61), 10, 10), drained_until=at(drained)) is expected


@pytest.mark.parametrize(("reported", "expected"), [(97, False), (98, True), (100, True)])
def test_a_stream_that_loses_reports_proves_nothing(reported: int, expected: bool) -> None:
    # The last message has reported, so all of them lie before the watermark.
    assert proven(Second(at(61), 99, reported - 1), Second(at(62), 1, 1)) is expected


def test_what_was_accepted_after_the_watermark_is_not_overdue_yet() -> None:
    assert proven(Second(at(61), 10, 10), Second(at(62), 500, 0))


def test_a_second_in_which_the_request_may_still_have_left_does_not_count() -> None:
    early = Unanswered(1, at(0.5))
    assert absent([early], Stream([Second(at(60), 10, 10)]), PATIENCE, LATER) == []
    assert absent([early], Stream([Second(at(61), 10, 10)]), PATIENCE, LATER) == [early]


def test_each_message_is_judged_by_what_came_after_it() -> None:
    first, second = Unanswered(1, at(0)), Unanswered(2, at(300))
    stream = Stream([Second(at(100), 20, 20)])
    assert absent([first, second], stream, PATIENCE, at(9999)) == [first]


SECONDS = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30)


@given(counts=SECONDS, departed=st.integers(0, 35))
def test_the_running_sums_say_what_counting_says(counts: list[tuple[int, int]], departed: int) -> None:
    seconds = [Second(at(place), accepted, min(accepted, told)) for place, (accepted, told) in enumerate(counts)]
    told_at = [second.start for second in seconds if second.reported]
    within = [second for second in seconds if told_at and at(departed) <= second.start <= told_at[-1]]
    accepted, reported = sum(s.accepted for s in within), sum(s.reported for s in within)
    expected = reported > 0 and reported >= LEAST_SHARE * accepted
    assert Stream(seconds).moved_past(at(departed)) is expected
