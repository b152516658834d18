"""Whether a report would have been heard: webhooks came, or a receiver stood ready while none was due."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.reconciliation.hearing import Hearing, Stretch, joined, longest_silence, stretches
from tests.factories import NOON

SILENCE = longest_silence(timedelta(seconds=900))
"""300 seconds."""


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def span(since: float, until: float) -> Stretch:
    return Stretch(at(since), at(until))


@pytest.mark.parametrize(
    ("arrivals", "pulses", "due", "heard", "why"),
    [
        ([(-10, 2000)], [], [], True, "webhooks came all the time"),
        ([(-10, 300), (600, 1000)], [], [500], True, "what is no longer than a silence says nothing"),
        ([(-10, 300), (601, 1000)], [], [], False, "nothing came, and nobody knows of the receiver"),
        ([(-10, 300), (601, 1000)], [(0, 1000)], [], True, "nothing was due, and the receiver stood ready"),
        ([(-10, 300), (800, 1000)], [(0, 1000)], [400], False, "what was accepted in the silence was not reported"),
        ([(-10, 300), (800, 1000)], [(0, 1000)], [501], True, "what was accepted at its end was not overdue yet"),
        ([(-10, 300), (800, 1000)], [(0, 1000)], [299, 800], True, "it was due before and after, and webhooks came"),
        ([(-10, 300)], [(0, 350), (700, 1000)], [], False, "the receiver was away"),
        ([(-10, 300)], [(0, 450), (700, 1000)], [], True, "the receiver was started anew"),
        ([], [], [], False, "nothing is known of the time"),
        ([], [(-10, 2000)], [], True, "a quiet time with a receiver"),
        ([(-500, -310), (1250, 2000)], [], [], False, "webhooks came before and after"),
    ],
)
def test_a_report_would_have_been_heard_when(
    arrivals: list[tuple[int, int]], pulses: list[tuple[int, int]], due: list[int], heard: bool, why: str
) -> None:
    hearing = Hearing([span(*each) for each in arrivals], [span(*each) for each in pulses], [*map(at, due)], SILENCE)
    assert hearing.throughout(at(0), at(960)) is heard, why


def test_instants_make_stretches() -> None:
    found = stretches([at(900), at(0), at(200), at(500), at(801)], SILENCE)
    assert found == [span(0, 500), span(801, 900)]
    assert joined([span(0, 1000), span(10, 20), span(1400, 1500)], SILENCE) == [span(0, 1000), span(1400, 1500)]


TIMES = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 400)), max_size=8)


@given(arrivals=TIMES, pulses=TIMES, since=st.integers(0, 2000), length=st.integers(1, 1500))
def test_a_shorter_time_is_heard_where_a_longer_one_is(
    arrivals: list[tuple[int, int]], pulses: list[tuple[int, int]], since: int, length: int
) -> None:
    heard, ready = ([span(start, start + long) for start, long in times] for times in (arrivals, pulses))
    hearing = Hearing(heard, ready, [], SILENCE)
    if hearing.throughout(at(since), at(since + length)):
        assert hearing.throughout(at(since + length // 4), at(since + length - length // 4))
