"""What bounds a campaign, in words."""

from dataclasses import replace

import pytest

from campaign.overview.details import Limits
from console.web.campaign_page.pace import explained
from console.web.campaign_page.sentence import sentence_html
from console.web.texts import LANGUAGES, Words
from tests.console.web.campaign_page.test_acts import seen
from tests.factories import NOON

FREE = Limits(1.0, False, None, 0, None, None, None, False, None, None, None, None)


def keys(limits, now_at=None):
    return [key for key, _ in explained(limits, now_at or seen("running"))]


def test_the_rate_is_the_numbers_or_the_campaigns_own():
    assert keys(FREE) == ["limit_number"]
    slower = seen("running")
    assert keys(FREE, replace(slower, pace=replace(slower.pace, number=80))) == ["limit_own"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"share": 0.5}, "limit_braked"),
        ({"share": 0.0}, "limit_stopped"),
        ({"flagged": True}, "limit_flagged"),
        ({"tier": 250}, "limit_tier"),
        ({"warm_up": 50}, "limit_warm_up"),
        ({"window": "09:00-20:00"}, "limit_window"),
        ({"spread_s": 3600}, "limit_spread"),
        ({"per_hour": 5}, "limit_per_hour"),
        ({"per_day": 5}, "limit_per_day"),
        ({"deadline_at": NOON}, "limit_deadline"),
    ],
)
def test_each_limit_is_told_in_every_language(change, key):
    found = list(explained(replace(FREE, **change), seen("running")))
    assert [one for one, _ in found] == ["limit_number", key]
    for language in LANGUAGES:
        assert sentence_html(f"campaign.{key}", found[1][1], Words(language))
