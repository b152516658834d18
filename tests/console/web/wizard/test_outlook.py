"""What a launch would do, in sentences."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from campaign.audience.funnel import FUNNEL
from campaign.audience.reasons import CONSENT_LIST_REASONS, RejectReason
from campaign.check import TierUse
from campaign.costs.forecast import CostForecast, CostLine
from campaign.drafting.content import DraftContent
from campaign.planning.ceiling import MESSAGING_LIMIT, WARM_UP
from campaign.planning.days import RATE, SPREAD, WINDOW, Plan, PlannedDay
from console.web.texts import LANGUAGES, Words
from console.web.wizard.outlook import coded, cost_lines, outlook, plan_rows, span, tier_words

EN = Words("en")
FIRST = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def flight(to_message=1200, canary=None, last=FIRST + timedelta(hours=2)):
    return SimpleNamespace(
        sender=SimpleNamespace(name="shop"),
        template=SimpleNamespace(name="spring_sale", language="es_MX"),
        campaign=SimpleNamespace(canary=canary),
        forecast=SimpleNamespace(
            to_message=to_message, rate_mps=20, duration=timedelta(minutes=1), plan=Plan((), FIRST, last)
        ),
    )


def test_one_paragraph_says_who_what_how_long_and_until_when_by_the_drafts_clock():
    told = outlook(flight(), DraftContent(zone="America/Mexico_City"), EN)
    assert told == (
        "shop sends the template spring_sale (es_MX) to 1,200 people. At 20 messages per second that is 60 s of "
        "sending. Launched now, the first leaves at 2026-11-23 09:00 and the last at 2026-11-23 11:00 "
        "(America/Mexico_City)."
    )


def test_a_canary_and_an_end_in_the_same_minute_are_told():
    told = outlook(flight(canary={"people": 50, "wait_s": 3600.0}, last=FIRST), DraftContent(), EN)
    assert "The first 50 get it, then it waits 60 minutes" in told
    assert "all of them leave at 2026-11-23 15:00 (UTC)" in told


def test_to_nobody_nothing_more_is_told():
    assert outlook(flight(to_message=0), DraftContent(), EN).endswith("to 0 people.")


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(0), "1 s"), (timedelta(seconds=90), "90 s"), (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=5), "5 hours"), (timedelta(days=3), "3 days"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_said_in_its_largest_unit(length, told):
    assert span(length, EN) == told


def test_the_messaging_limit_is_told_with_what_is_left_of_it():
    assert "It takes 300 of the 1,750 people" in tier_words(TierUse(2000, 250, 300), EN)
    assert tier_words(TierUse(None, 0, 5), EN) == "The number may write to any number of people."


def test_the_cost_is_told_as_far_as_it_is_known():
    line = CostLine("MX", "marketing", 10, 0, Decimal("0.03"), "USD", Decimal("0.30"))
    assert cost_lines(CostForecast(), EN) == []
    assert "no rate card" in cost_lines(CostForecast(lines=[line]), EN)[0]
    known = CostForecast({"USD": Decimal("0.30")}, unknown=3, free=2, has_card=True, lines=[line])
    assert len(cost_lines(known, EN)) == 3


def test_days_beyond_a_month_are_one_line():
    days = [PlannedDay(date(2026, 1, 1) + timedelta(days=n), 10, (RATE,)) for n in range(33)]
    rows = plan_rows(Plan(days, FIRST, FIRST), EN)
    assert rows[0] == ["2026-01-01", "10", "the rate"]
    assert rows[-1] == ["and 2 more days", "20", ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language):
    words = Words(language)
    reasons = set(RejectReason) - CONSENT_LIST_REASONS
    keys = [f"wizard.{table}.{reason}" for reason in reasons for table in ("reason", "remedy")]
    keys += [f"wizard.funnel_{name.replace(' ', '_')}" for name, _ in FUNNEL]
    assert [key for key in keys if coded(words, key, "") == ""] == []
    limited = PlannedDay(date(2026, 1, 1), 1, (RATE, WINDOW, SPREAD, MESSAGING_LIMIT, WARM_UP))
    assert not {RATE, MESSAGING_LIMIT} & set(plan_rows(Plan([limited], FIRST, FIRST), words)[0][2].split(", "))


def test_a_code_without_words_is_shown_as_the_domain_tells_it():
    assert coded(EN, "wizard.reason.brand_new", "brand new") == "brand new"
