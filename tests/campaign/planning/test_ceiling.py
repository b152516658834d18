"""The tighter of two limits."""

from datetime import timedelta

import pytest

from campaign.planning.ceiling import MESSAGING_LIMIT, WARM_UP, Ceiling, tightest
from campaign.planning.warm_up import WarmUp
from tests.factories import NOON

PLAN = WarmUp(1000, 1.5, timedelta(days=1), until=2000, began=NOON)


@pytest.mark.parametrize(
    ("tier", "warm_up", "days", "ceiling"),
    [
        (None, None, 0, None),
        (2000, None, 0, Ceiling(1800, MESSAGING_LIMIT)),
        (None, PLAN, 0, Ceiling(1000, WARM_UP)),
        (2000, PLAN, 1, Ceiling(1500, WARM_UP)),
        (250, PLAN, 1, Ceiling(225, MESSAGING_LIMIT)),
        (2000, PLAN, 2, Ceiling(1800, MESSAGING_LIMIT)),
        (None, PLAN, 2, None),
    ],
)
def test_the_tighter_one_wins_and_only_the_messaging_limit_keeps_a_reserve(tier, warm_up, days, ceiling):
    assert tightest(tier, 0.1, warm_up, NOON + timedelta(days=days)) == ceiling
