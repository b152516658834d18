"""A clock that is stepped: it stands still in between, and tells what it said at a moment of the real one."""

import time
from datetime import UTC, datetime, timedelta

from console.demo.stepped import SteppedClock

NOON = datetime(2027, 3, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_it_goes_from_step_to_step_and_stands_still_in_between() -> None:
    clock = SteppedClock(NOON)
    seen = [(now, clock(), clock.now) for now in clock.until(NOON + 3 * HOUR, HOUR)]
    assert seen == [(NOON + n * HOUR,) * 3 for n in range(3)]


def test_what_it_said_at_a_moment_of_the_real_clock() -> None:
    clock, moments = SteppedClock(NOON), []
    for _ in clock.until(NOON + 3 * HOUR, HOUR):
        time.sleep(0.002)
        moments.append(time.time())
        time.sleep(0.002)
    assert [clock.at(moment) for moment in moments] == [NOON + n * HOUR for n in range(3)]
    assert clock.at(time.time() + 60) == NOON + 2 * HOUR
