"""A month of starts."""

from datetime import UTC, date, datetime

from campaign.desk.calendar import month_of, starts_of_month
from models import Schedule, ScheduleRun
from models.session import session_scope
from tests.factories import make_campaign, make_sender, make_template

NOVEMBER = date(2026, 11, 15)
FIRST = datetime.fromisoformat("2026-11-02T23:30")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def put(session, name, rule, zone="UTC", **given):
    made = Schedule(name=name, request={}, zone=zone, first_at=FIRST, rule=rule, overlap="skip", **given)
    session.add(made)
    session.flush()
    return made


def test_a_month_ends_where_the_next_begins():
    assert month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2027, 1, 1))
    assert month_of(date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 3, 1))


def test_what_is_to_come_stands_on_its_day_by_its_own_clock(sessions):
    with session_scope(sessions) as session:
        put(session, "weekly", "FREQ=WEEKLY", "America/Mexico_City")
        put(session, "paused", "FREQ=DAILY", state="paused")
    with sessions() as session:
        starts = starts_of_month(session, NOVEMBER, NOW)
        december = starts_of_month(session, date(2026, 12, 1), NOW)
    assert [(start.name, start.day, start.clock, start.state) for start in starts] == [
        ("weekly", date(2026, 11, 23), "23:30", "coming"),
        ("weekly", date(2026, 11, 30), "23:30", "coming"),
    ]
    assert starts[-1].at == datetime(2026, 12, 1, 5, 30, tzinfo=UTC), "in December by UTC, in November by its clock"
    assert december[0].day == date(2026, 12, 7)


def test_what_has_been_tells_what_became_of_it(sessions):
    with session_scope(sessions) as session:
        schedule = put(session, "weekly", "FREQ=WEEKLY;COUNT=1", state="ended")
        at = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
        session.add(ScheduleRun(schedule_id=schedule.id, run_at=at, campaign_name="weekly 1", state="missed"))
    with sessions() as session:
        [start] = starts_of_month(session, NOVEMBER, NOW)
    assert (start.name, start.state, start.campaign_id) == ("weekly 1", "missed", None)


def test_a_campaign_that_waits_for_its_start_is_there_too(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        at = datetime(2026, 11, 25, 9, tzinfo=UTC)
        waits = make_campaign(session, sender, template, state="scheduled", start_at=at, zone="Europe/Berlin")
        make_campaign(session, sender, template, "runs", start_at=at)
    with sessions() as session:
        [start] = starts_of_month(session, NOVEMBER, NOW)
    assert (start.name, start.clock, start.state, start.campaign_id) == ("spring", "10:00", "campaign", waits.id)


def test_a_rule_that_rings_all_the_time_is_cut_short(sessions):
    with session_scope(sessions) as session:
        put(session, "often", "FREQ=HOURLY")
    with sessions() as session:
        assert len(starts_of_month(session, date(2026, 12, 1), NOW)) <= 800
