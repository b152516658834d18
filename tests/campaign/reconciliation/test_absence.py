"""The proof of absence: each of its conditions by itself, and nothing proven where the stream is silent."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.reconciliation.absence import LEAST_SHARE, Evidence, Patience, Second, Stream, Unanswered, absent
from campaign.reconciliation.hearing import Hearing, Stretch, longest_silence
from tests.factories import NOON

PATIENCE = Patience(departure=timedelta(seconds=60), grace=timedelta(seconds=900), retries=timedelta(days=7))
TEMPLATE = 5
MESSAGE = Unanswered(1, NOON, TEMPLATE)
LATER = NOON + timedelta(hours=1)
SILENCE = longest_silence(PATIENCE.grace)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def heard(*stretches: tuple[float, float]) -> Hearing:
    return Hearing([Stretch(at(since), at(until)) for since, until in stretches], (), (), SILENCE)


ALL_THE_TIME = heard((-100, 100_000))


def evidence(
    *seconds: Second,
    hearing: Hearing = ALL_THE_TIME,
    held_until: dict[int, datetime | None] | None = None,
    drained_until: datetime = LATER,
) -> Evidence:
    return Evidence(Stream(seconds), hearing, held_until or {}, drained_until)


def proven(*seconds: Second, **given: Any) -> bool:
    return absent([MESSAGE], evidence(*seconds, **given), PATIENCE) == [MESSAGE]


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
    assert absent([early], evidence(Second(at(60), 10, 10)), PATIENCE) == []
    assert absent([early], evidence(Second(at(61), 10, 10)), PATIENCE) == [early]


def test_each_message_is_judged_by_what_came_after_it() -> None:
    first, second = Unanswered(1, at(0)), Unanswered(2, at(300))
    assert absent([first, second], evidence(Second(at(100), 20, 20), drained_until=at(9999)), PATIENCE) == [first]


REPORTED = Second(at(7200), 10, 10)
"""Later traffic, two hours after the message."""


@pytest.mark.parametrize(
    ("stretches", "expected", "why"),
    [
        ([(-100, 1000), (7200, 7300)], True, "webhooks came until the grace was over"),
        ([(-100, 700), (7200, 7300)], True, "the end of the grace is no silence"),
        ([(-100, 600), (7200, 7300)], False, "its report may have found nobody, and be tried again"),
        ([(400, 7300)], False, "nothing came at first"),
        ([(7200, 7300)], False, "nothing came for two hours"),
    ],
)
def test_an_outage_within_the_grace_proves_nothing(
    stretches: list[tuple[float, float]], expected: bool, why: str
) -> None:
    assert proven(REPORTED, hearing=heard(*stretches), drained_until=at(7300)) is expected, why


@pytest.mark.parametrize(("drained", "expected"), [(-1, False), (0, True)])
def test_after_an_outage_it_is_absent_when_the_platform_has_given_up_trying(drained: int, expected: bool) -> None:
    given_up = at(60) + PATIENCE.retries
    deaf = {"hearing": heard((7200, 7300)), "drained_until": given_up + timedelta(seconds=drained)}
    assert proven(REPORTED, **deaf) is expected


@pytest.mark.parametrize(
    ("held_until", "drained", "expected", "why"),
    [
        ({TEMPLATE: None}, 90_000, False, "messages of its template are still held, and it may be"),
        ({TEMPLATE + 1: None}, 3600, True, "messages of another template are held"),
        ({TEMPLATE: at(3000)}, 3899, False, "the hold has ended, and its report may be on its way"),
        ({TEMPLATE: at(3000)}, 3900, True, "so long after the end of the hold it would have been reported"),
        ({TEMPLATE: at(-3000)}, 960, True, "that hold ended before it was sent"),
    ],
)
def test_what_may_be_held_is_not_absent(
    held_until: dict[int, datetime | None], drained: int, expected: bool, why: str
) -> None:
    assert proven(Second(at(61), 10, 10), held_until=held_until, drained_until=at(drained)) is expected, why


def test_an_outage_after_a_hold_counts_as_one_within_the_grace() -> None:
    released = {TEMPLATE: at(3000)}
    given = {"held_until": released, "drained_until": at(9000)}
    assert proven(Second(at(61), 10, 10), hearing=heard((-100, 3700), (8000, 9000)), **given)
    assert not proven(Second(at(61), 10, 10), hearing=heard((-100, 3500), (8000, 9000)), **given)


SECONDS = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30)


@given(counts=SECONDS, departed=st.integers(0, 35))
def test_the_running_sums_say_what_counting_says(counts: list[tuple[int, int]], departed: int) -> None:
    seconds = [Second(at(place), accepted, min(accepted, told)) for place, (accepted, told) in enumerate(counts)]
    told_at = [second.start for second in seconds if second.reported]
    within = [second for second in seconds if told_at and at(departed) <= second.start <= told_at[-1]]
    accepted, reported = sum(s.accepted for s in within), sum(s.reported for s in within)
    expected = reported > 0 and reported >= LEAST_SHARE * accepted
    assert Stream(seconds).moved_past(at(departed)) is expected
