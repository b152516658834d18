"""Runs of schedules: each starts exactly once, whatever beat, workers and clocks do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from campaign import lifecycle
from campaign.creation import NewCampaign, Reading, create_campaign
from campaign.errors import UsageError
from campaign.schedules import making, running
from campaign.schedules.making import NewSchedule, create_schedule
from campaign.scheduling.timing import Timing
from models import AudienceImport, Campaign, Contact, Schedule, ScheduleRun, Sender, Template
from models.schedule import Overlap
from models.session import session_scope
from tests.factories import NOON, fiction_phone, grant, make_sender, make_template

LATE = timedelta(hours=1)
HOUR = timedelta(hours=1)
DAILY = "FREQ=DAILY"
FIRST = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def new(sessions, tmp_path):
    """A schedule that would start each day at nine, from the day after noon on."""
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n" + "".join(f"{fiction_phone(n)},Ann\n" for n in range(3)))
    with session_scope(sessions) as session:
        make_template(session, make_sender(session))
        grant(session, [fiction_phone(n) for n in range(9)])
    request = NewCampaign(
        name="daily", sender="shop", template="spring_sale", language="en_US", audience=path,
        mapping=("body.1=name", "body.2==15%"),
    )  # fmt: skip
    return NewSchedule(request, "UTC", datetime.fromisoformat("2026-11-21T09:00"), DAILY, until=date(2026, 12, 31))


def make(sessions, settings, new, **given):
    return create_schedule(sessions, replace(new, **given), now=NOON, settings=settings)


def tick(sessions, now):
    return running.tick(sessions, now=now, late_start=LATE)


def start(sessions, settings, now):
    """One tick, and its rings heard."""
    ids = tick(sessions, now)
    return [running.run(sessions, id_, clock=lambda: now, settings=settings, environment={}) for id_ in ids]


def runs(sessions):
    with sessions() as session:
        return [(run.campaign_name, run.state) for run in session.query(ScheduleRun).order_by(ScheduleRun.run_at)]


def campaigns(sessions):
    with sessions() as session:
        return [(each.name, each.state) for each in session.query(Campaign).order_by(Campaign.id)]


def test_a_run_is_a_campaign_of_its_own_that_is_launched(sessions, settings, new):
    make(sessions, settings, new)
    assert start(sessions, settings, FIRST - timedelta(seconds=1)) == []
    assert start(sessions, settings, FIRST) == ["daily 2026-11-21"]
    assert start(sessions, settings, FIRST + 24 * HOUR) == []  # the first one still sends
    assert campaigns(sessions) == [("daily 2026-11-21", "running")]
    assert runs(sessions) == [("daily 2026-11-21", "started"), ("daily 2026-11-22", "skipped")]


def test_each_run_reads_the_file_anew(sessions, settings, new, tmp_path):
    make(sessions, settings, new, overlap=Overlap.ALLOW)
    start(sessions, settings, FIRST)
    path = tmp_path / "list.csv"
    path.write_text(path.read_text() + f"{fiction_phone(7)},Bea\n")
    start(sessions, settings, FIRST + 24 * HOUR)
    with sessions() as session:
        assert [found.message_count for found in session.query(AudienceImport).order_by(AudienceImport.id)] == [3, 4]


def test_a_file_that_is_gone_is_read_from_the_uploads(sessions, settings, new, tmp_path):
    make(sessions, settings, new)
    (tmp_path / "list.csv").unlink()
    assert start(sessions, settings, FIRST) == ["daily 2026-11-21"]


def test_an_audience_of_contacts_is_asked_anew_and_may_go_on_for_ever(sessions, settings, new):
    with session_scope(sessions) as session:
        session.add(Contact(phone_identity=fiction_phone(0)[1:], phone_e164=fiction_phone(0), region="US", name="Ann"))
    own = replace(new.campaign, audience="contacts", reading=Reading(where=("region=US",)))
    make(sessions, settings, new, campaign=own, until=None, overlap=Overlap.ALLOW)
    start(sessions, settings, FIRST)
    with session_scope(sessions) as session:
        session.add(Contact(phone_identity=fiction_phone(1)[1:], phone_e164=fiction_phone(1), region="US", name="Bea"))
    start(sessions, settings, FIRST + 24 * HOUR)
    with sessions() as session:
        assert [found.message_count for found in session.query(AudienceImport).order_by(AudienceImport.id)] == [1, 2]


def test_a_database_with_a_password_in_its_address_is_not_kept(sessions, settings, new):
    own = replace(new.campaign, audience="postgresql://u:p@127.0.0.1:9/x", reading=Reading(query="SELECT 1"))
    with pytest.raises(UsageError, match="env:VARIABLE"):
        making.keep_request(own, None)


def test_two_beats_and_two_workers_start_a_run_once(sessions, settings, new):
    make(sessions, settings, new)
    together, made = Barrier(4), []

    def beat_and_work():
        together.wait()
        for _ in range(3):
            made.extend(start(sessions, settings, FIRST))

    threads = [Thread(target=beat_and_work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [name for name in made if name] == ["daily 2026-11-21"]
    assert campaigns(sessions) == [("daily 2026-11-21", "running")]


def test_a_beat_that_was_away_over_the_start_catches_up_once(sessions, settings, new):
    make(sessions, settings, new)
    assert start(sessions, settings, FIRST + LATE) == ["daily 2026-11-21"]
    assert start(sessions, settings, FIRST + LATE) == []


def test_a_beat_that_was_away_for_days_starts_only_what_is_not_too_late(sessions, settings, new):
    make(sessions, settings, new)
    assert start(sessions, settings, FIRST + 72 * HOUR + timedelta(minutes=10)) == ["daily 2026-11-24"]
    assert [state for _, state in runs(sessions)] == ["missed", "missed", "missed", "started"]


def test_a_ring_that_nobody_heard_in_time_is_a_missed_run(sessions, settings, new):
    make(sessions, settings, new)
    [run_id] = tick(sessions, FIRST)
    assert tick(sessions, FIRST + timedelta(minutes=59)) == [run_id]
    assert tick(sessions, FIRST + timedelta(minutes=61)) == []
    assert runs(sessions) == [("daily 2026-11-21", "missed")]


def test_a_clock_that_steps_back_starts_nothing_twice(sessions, settings, new):
    make(sessions, settings, new)
    start(sessions, settings, FIRST)
    for back in range(120, 0, -10):
        assert start(sessions, settings, FIRST - timedelta(minutes=back)) == []
    assert start(sessions, settings, FIRST) == []
    assert len(campaigns(sessions)) == 1


def test_a_clock_that_steps_ahead_and_back_starts_each_run_once(sessions, settings, new):
    make(sessions, settings, new, overlap=Overlap.ALLOW)
    for hours in (0, 24, 0, 12, 24, 25):
        start(sessions, settings, FIRST + hours * HOUR)
    assert [name for name, _ in campaigns(sessions)] == ["daily 2026-11-21", "daily 2026-11-22"]


def test_an_import_whose_worker_was_killed_is_taken_up_by_another(sessions, settings, new):
    make(sessions, settings, new)
    [run_id] = tick(sessions, FIRST)
    with session_scope(sessions) as session:
        assert running.store.claim_run(session, run_id, FIRST, running.LEASE)  # and then it was killed
    assert tick(sessions, FIRST + timedelta(minutes=1)) == []
    assert start(sessions, settings, FIRST + timedelta(minutes=3)) == ["daily 2026-11-21"]


def test_a_worker_killed_between_import_and_launch_leaves_a_draft_that_is_launched(sessions, settings, new):
    make(sessions, settings, new)
    [run_id] = tick(sessions, FIRST)
    with session_scope(sessions) as session:
        running.store.claim_run(session, run_id, FIRST, running.LEASE)
    create_campaign(sessions, replace(new.campaign, name="daily 2026-11-21", schedule_run_id=run_id), now=FIRST)
    start(sessions, settings, FIRST + timedelta(minutes=3))
    assert campaigns(sessions) == [("daily 2026-11-21", "running")]
    assert runs(sessions) == [("daily 2026-11-21", "started")]


def test_a_run_that_cannot_be_made_says_why_and_the_next_one_comes(sessions, settings, new, tmp_path):
    make(sessions, settings, new)
    path = tmp_path / "list.csv"
    good = path.read_text()
    path.write_text("nothing\n")
    assert start(sessions, settings, FIRST) == [None]
    with sessions() as session:
        found = session.query(ScheduleRun).one()
        assert found.state == "failed"
        assert "no rows" in found.text
    path.write_text(good)
    assert start(sessions, settings, FIRST + 24 * HOUR) == ["daily 2026-11-22"]


def end(sessions, name):
    lifecycle.cancel(sessions, name, now=FIRST)


def test_queue_lets_one_run_wait_for_its_predecessor(sessions, settings, new):
    make(sessions, settings, new, overlap=Overlap.QUEUE)
    start(sessions, settings, FIRST)
    for day in (1, 2):
        assert start(sessions, settings, FIRST + day * 24 * HOUR) == []
    assert [state for _, state in runs(sessions)] == ["started", "waiting", "skipped"]
    end(sessions, "daily 2026-11-21")
    assert start(sessions, settings, FIRST + 60 * HOUR) == ["daily 2026-11-22"]


def test_allow_starts_beside_its_predecessor(sessions, settings, new):
    make(sessions, settings, new, overlap=Overlap.ALLOW)
    start(sessions, settings, FIRST)
    assert start(sessions, settings, FIRST + 24 * HOUR) == ["daily 2026-11-22"]


def test_a_schedule_ends_after_its_last_day(sessions, settings, new):
    make(sessions, settings, new, until=date(2026, 11, 21))
    start(sessions, settings, FIRST)
    with sessions() as session:
        found = session.query(Schedule).one()
        assert (found.state, found.next_run_at) == ("ended", None)


def test_a_paused_schedule_starts_nothing_and_does_not_make_up_for_it(sessions, settings, new):
    make(sessions, settings, new)
    making.pause(sessions, "daily")
    assert start(sessions, settings, FIRST) == []
    assert making.resume(sessions, "daily", now=FIRST + HOUR) == FIRST + 24 * HOUR
    assert start(sessions, settings, FIRST + HOUR) == []


def test_a_removed_schedule_leaves_its_campaigns(sessions, settings, new):
    make(sessions, settings, new)
    start(sessions, settings, FIRST)
    making.remove(sessions, "daily")
    assert campaigns(sessions) == [("daily 2026-11-21", "running")]
    assert runs(sessions) == []


def test_runs_keep_windows_policies_and_a_deadline_of_their_own(sessions, settings, new):
    own = replace(new.campaign, timing=Timing(zone="Europe/Berlin", window="09:00-20:00", quiet_days=("2026-12-25",)))
    make(sessions, settings, new, campaign=own, deadline_after=timedelta(hours=8))
    start(sessions, settings, FIRST)
    with sessions() as session:
        made = session.query(Campaign).one()
        assert (made.zone, made.sending_window["quiet_days"]) == ("Europe/Berlin", ["2026-12-25"])
        assert made.deadline_at == FIRST + 8 * HOUR


def test_a_start_of_nine_stays_nine_over_a_change_of_clocks(sessions, settings, new):
    make(
        sessions,
        settings,
        new,
        zone="Europe/Berlin",
        first_at=datetime.fromisoformat("2027-03-27T09:00"),
        until=date(2027, 3, 29),
    )
    with sessions() as session:
        found = making.view(session, "daily", NOON)
    assert [run.utc.hour for run in found.next_runs] == [8, 7, 7]
    assert {run.local[-5:] for run in found.next_runs} == {"09:00"}


def test_two_weeks_of_daily_runs_pass_in_seconds(sessions, settings, new):
    make(sessions, settings, new)
    now, last = FIRST - HOUR, FIRST + timedelta(days=14)
    while now < last:
        for name in start(sessions, settings, now):
            end(sessions, name)
        now += timedelta(minutes=30)
    assert len(campaigns(sessions)) == 14
    assert {state for _, state in runs(sessions)} == {"started"}


def test_a_file_list_needs_an_end(sessions, settings, new):
    with pytest.raises(UsageError, match="the same list for ever"):
        make(sessions, settings, new, until=None)
    assert isinstance(new.campaign.audience, Path)


@pytest.mark.parametrize(
    ("table", "column", "value", "words", "left"),
    [
        (Template, "status", "PAUSED", "is PAUSED, not APPROVED", []),
        (Sender, "state", "restricted", "cannot run: Sender shop is restricted", [("daily 2026-11-21", "draft")]),
    ],
)
def test_a_run_that_cannot_be_fails_with_the_reason_and_the_next_one_comes(
    sessions, settings, new, table, column, value, words, left
):
    make(sessions, settings, new, overlap=Overlap.ALLOW)
    with session_scope(sessions) as session:
        good = getattr(session.query(table).one(), column)
        session.query(table).update({column: value})
    assert start(sessions, settings, FIRST) == [None]
    assert campaigns(sessions) == left
    with session_scope(sessions) as session:
        assert words in session.query(ScheduleRun).one().text
        session.query(table).update({column: good})
    assert start(sessions, settings, FIRST + 24 * HOUR) == ["daily 2026-11-22"]
    assert [state for _, state in runs(sessions)] == ["failed", "started"]
