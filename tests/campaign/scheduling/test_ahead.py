"""The plan of `campaign check` against what a virtual clock makes of the same campaign."""

from datetime import UTC, datetime, timedelta

import pytest

from campaign.check import forecast
from campaign.reports.summary import campaign_status
from campaign.scheduling.timing import Timing
from campaign.settings import Settings
from models import Campaign, Sender
from models.session import session_scope
from tests.campaign.scheduling.test_placing import START, campaign_of

MIXED = ["Europe/London", "Asia/Tokyo", "America/Los_Angeles", "America/Mexico_City"]
DAY = timedelta(days=1)


def planned(sessions, now, **sender):
    with session_scope(sessions) as session:
        session.query(Sender).update(sender | {"rate_mps": 1})
    with sessions() as session:
        return forecast(session, "spring", now=now, settings=Settings(_env_file=None)).plan


@pytest.mark.parametrize(
    "timing",
    [
        Timing(window="09:00-20:00", zone_column="zone"),
        Timing(window="09:00-12:00", zone_column="zone", spread="6h"),
        Timing(window="09:00-20:00", zone_column="zone", per_hour=30),
        Timing(window="mon-fri 10:00-16:00", zone_column="zone", per_day=100),
        Timing(spread="12h"),
        Timing(per_hour=60),
        Timing(per_day=150),
    ],
    ids=lambda timing: " ".join(f"{k}={getattr(timing, k)}" for k in ("window", "spread", "per_hour", "per_day")),
)
def test_start_end_and_days_are_what_happens(sessions, tmp_path, timing):
    virtual = campaign_of(sessions, tmp_path, [MIXED[n % 4] for n in range(400)], timing=timing)
    plan = planned(sessions, virtual.now)
    virtual.launch()
    step = timedelta(minutes=1 if timing.per_hour else 3)
    while len(virtual.sent) < 400 and virtual.now < START + 20 * DAY:
        virtual.tick(step // timedelta(seconds=1))  # one message a second
        virtual.skip(step)
    sent = [at for at, _, _ in virtual.sent]
    assert plan.left == 0
    length = max(sent) - min(sent)
    assert abs(plan.start - min(sent)) <= timedelta(minutes=20)
    assert abs(plan.end - max(sent)) <= max(timedelta(minutes=30), length * 0.05)
    days = {day.day: day.messages for day in plan.days if day.messages}
    happened = {day: sum(at.date() == day for at in sent) for day in {at.date() for at in sent}}
    assert sum(abs(days.get(day, 0) - happened.get(day, 0)) for day in days | happened) <= 0.05 * 2 * 400


def test_a_messaging_limit_and_a_window_together(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, MIXED * 100)
    plan = planned(sessions, virtual.now, tier=150)
    assert plan.left == 0
    assert next(day.messages for day in plan.days if day.messages) <= 150
    assert START + 2 * DAY < plan.end < START + 4 * DAY


def test_without_window_and_spread_any_time_will_do(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, MIXED, timing=Timing())
    plan = planned(sessions, virtual.now)
    assert plan.start == START == datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "timing",
    [
        Timing(window="09:00-20:00", zone_column="zone"),
        Timing(window="09:00-12:00", zone_column="zone", spread="6h"),
        Timing(window="09:00-20:00", zone_column="zone", per_hour=30),
        Timing(window="mon-fri 10:00-16:00", zone_column="zone", per_day=100),
        Timing(spread="12h"),
        Timing(per_hour=60),
        Timing(per_day=150),
    ],
    ids=lambda timing: " ".join(f"{k}={getattr(timing, k)}" for k in ("window", "spread", "per_hour", "per_day")),
)
def test_the_end_is_known_while_the_campaign_is_under_way(sessions, tmp_path, timing):
    virtual = campaign_of(sessions, tmp_path, [MIXED[n % 4] for n in range(400)], timing=timing)
    with session_scope(sessions) as session:
        session.query(Sender).update({"rate_mps": 1})
    virtual.launch()
    step, told = timedelta(minutes=1 if timing.per_hour else 3), None
    while len(virtual.sent) < 400 and virtual.now < START + 20 * DAY:
        virtual.tick(step // timedelta(seconds=1))
        if told is None and len(virtual.sent) >= 150:
            with sessions() as session:
                told = (virtual.now, campaign_status(session, "spring", virtual.now).eta)
        virtual.skip(step)
    end = max(at for at, _, _ in virtual.sent)
    asked_at, eta = told
    assert abs(eta - end) <= max(timedelta(minutes=45), (end - asked_at) * 0.05)


def test_a_campaign_that_waits_for_its_window_has_an_end_and_one_that_waits_for_a_person_has_none(sessions, tmp_path):
    virtual = campaign_of(
        sessions, tmp_path, ["Asia/Tokyo"] * 3, timing=Timing(window="09:00-12:00", zone_column="zone")
    )
    virtual.launch()
    virtual.tick()
    assert virtual.state() == ("paused", "outside_window")
    with session_scope(sessions) as session:
        opens = datetime(2026, 11, 21, 0, tzinfo=UTC)
        assert opens <= campaign_status(session, "spring", virtual.now).eta <= opens + timedelta(minutes=1)
        session.query(Campaign).update({"state_reason": "manual"})
        session.flush()
        assert campaign_status(session, "spring", virtual.now).eta is None
