"""When a silent message counts as dropped."""

from datetime import timedelta

import pytest

from campaign.reconciliation.ttl import expires_at
from tests.factories import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("category", "template_ttl_s", "buffer_s", "after"),
    [
        ("marketing", None, None, 30 * DAY + HOUR),
        ("utility", None, None, 30 * DAY + HOUR),
        ("authentication", None, None, 10 * MINUTE + 10 * MINUTE),
        ("utility", 43_200, None, 12 * HOUR + HOUR),
        ("authentication", 30, None, timedelta(seconds=30) + 10 * MINUTE),
        ("authentication", -1, None, 30 * DAY + 10 * MINUTE),
        ("marketing", 43_200, 2.5, 12 * HOUR + timedelta(seconds=2.5)),
        ("authentication", None, 0, 10 * MINUTE),
    ],
)
def test_time_to_live_and_buffer(
    category: str, template_ttl_s: int | None, buffer_s: float | None, after: timedelta
) -> None:
    assert expires_at(NOON, category, template_ttl_s, buffer_s) == NOON + after
