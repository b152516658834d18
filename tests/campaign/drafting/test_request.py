"""A draft to what a campaign or a schedule is made from."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaign.access.incoming import folder_of
from campaign.drafting.content import DraftContent
from campaign.drafting.request import mapping_items, new_campaign, new_schedule, problems_of_when, rule_of
from campaign.errors import NotFound, UsageError
from tests.factories import NOON

ID = "u" * 43
READY = DraftContent(name=" spring ", upload=ID, sender="shop", template="spring_sale", language="en_US")


@pytest.fixture
def arrived(settings):
    place = folder_of(settings) / ID
    place.mkdir(parents=True)
    (place / "list.csv").write_text("phone,name\n+12015550100,Ann\n")
    return place / "list.csv"


def test_a_draft_becomes_the_request_that_it_describes(settings, arrived):
    slots = {
        "body.1": {"kind": "column", "column": "name", "rewrite": "title", "fallback": "friend"},
        "body.2": {"kind": "constant", "text": "15%"},
    }
    draft = READY.changed(
        slots=slots, start="at", start_at="2026-11-23T09:00", zone="America/Mexico_City", canary=50, canary_wait_min=30,
        pace="capped", per_hour=100, hours="set", window_days=("mon", "fri"), region=" mx ", not_messaged_within=7,
    )  # fmt: skip
    made = new_campaign(draft, settings, now=NOON)
    assert (made.name, made.region, made.audience) == ("spring", "MX", arrived)
    assert made.mapping == ["body.1=name:title|friend", "body.2==15%"]
    assert made.start_at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert made.timing.window == "mon 09:00-20:00, fri 09:00-20:00"
    assert (made.timing.per_hour, made.timing.spread, made.not_messaged_within_days) == (100, None, 7)
    assert made.policies.canary is not None
    assert (made.policies.canary.people, made.policies.canary.wait_s, made.policies.canary.failed) == (50, 1800, 0.05)


def test_the_engines_own_contacts_need_no_file(settings):
    made = new_campaign(READY.changed(source="contacts", where=("region=MX", " ")), settings, now=NOON)
    assert (made.audience, made.reading.where) == ("contacts", ("region=MX",))


def test_a_list_that_is_not_here_any_more_is_said_to_be(settings):
    with pytest.raises(NotFound, match="upload it again"):
        new_campaign(READY, settings, now=NOON)


def test_no_list_at_all_is_said_to_be_missing(settings):
    with pytest.raises(UsageError, match="no list yet"):
        new_campaign(READY.changed(upload=""), settings, now=NOON)


@pytest.mark.parametrize("column", ["=x", "@x", "a|b"])
def test_a_column_that_a_mapping_could_mistake_is_refused(settings, column):
    with pytest.raises(UsageError, match="rename it"):
        mapping_items(READY.changed(slots={"body.1": {"kind": "column", "column": column}}), settings)


@pytest.mark.parametrize(
    ("chosen", "rule"),
    [
        ({"repeat": "daily"}, "FREQ=DAILY"),
        ({"repeat": "weekly", "repeat_days": ("fri", "mon")}, "FREQ=WEEKLY;BYDAY=MO,FR"),
        ({"repeat": "monthly", "repeat_day": 15}, "FREQ=MONTHLY;BYMONTHDAY=15"),
        ({"repeat": "own", "rule": "FREQ=YEARLY"}, "FREQ=YEARLY"),
    ],
)
def test_a_repetition_in_plain_words_is_a_rule(chosen, rule):
    assert rule_of(READY.changed(**chosen)) == rule


def test_a_draft_that_repeats_becomes_a_schedule(settings, arrived):
    draft = READY.changed(
        start="recur", start_at="2026-11-23T09:00", zone="Europe/Berlin", until="2026-12-31", deadline_hours=8
    )
    made = new_schedule(draft, settings, now=NOON)
    assert (made.first_at.isoformat(), made.zone) == ("2026-11-23T09:00:00", "Europe/Berlin")
    assert made.until == date(2026, 12, 31)
    assert (made.deadline_after, made.campaign.start_at) == (timedelta(hours=8), None)


@pytest.mark.parametrize(
    ("chosen", "part", "words"),
    [
        ({"start": "at"}, "start", "no day and time"),
        ({"start": "at", "start_at": "2020-01-01T09:00"}, "start", "has passed"),
        ({"deadline_at": "2020-01-01T09:00"}, "start", "has passed"),
        ({"start": "recur", "start_at": "2026-11-23T09:00"}, "start", "time zone"),
        ({"hours": "set", "window_days": ()}, "hours", "lack days"),
        ({"hours": "text", "window_text": "always"}, "hours", "is no window"),
        ({"hours": "set", "holidays": "XX"}, "hours", "is no country"),
        ({"pace": "spread", "spread": "soon"}, "pace", "is no time to spread over"),
    ],
)
def test_what_is_wrong_is_told_at_the_part_that_it_is_in(settings, chosen, part, words):
    found = problems_of_when(READY.changed(**chosen), settings, now=NOON)
    assert list(found) == [part]
    assert words in found[part]


def test_a_draft_that_says_nothing_about_time_is_fine(settings):
    assert problems_of_when(READY, settings, now=NOON) == {}
