"""Wrong passwords cost time."""

from campaign.access.throttle import FREE_TRIES, LONGEST_WAIT, wait_after


def test_waits_double_up_to_a_bound():
    waits = [wait_after(failures).total_seconds() for failures in range(FREE_TRIES + 4)]
    assert waits == [0] * FREE_TRIES + [2, 4, 8, 16]
    assert wait_after(10_000) == LONGEST_WAIT
