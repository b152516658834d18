"""Recurring campaigns and windows through the command line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from models import Campaign, Schedule
from tests.console.cli.conftest import MAP, create

WEEKLY = ("--recur", "FREQ=WEEKLY;BYDAY=MO", "--at", "09:00", "--zone", "America/Mexico_City")


def test_a_schedule_lists_its_next_five_runs_in_its_zone_and_in_utc(ready, sessions):
    made = create(ready, *MAP, *WEEKLY, "--until", "2099-12-31", name="weekly")
    assert made.code == 0, made.err
    assert "starts first at Mon " in made.out
    [listed] = ready("schedule", "list", "--json").json
    assert (listed["name"], listed["zone"], listed["state"]) == ("weekly", "America/Mexico_City", "active")
    runs = [(run["local"], datetime.fromisoformat(run["utc"])) for run in listed["next_runs"]]
    assert len(runs) == 5
    for local, utc in runs:
        there = utc.astimezone(ZoneInfo("America/Mexico_City"))
        assert local == f"{there:%a %Y-%m-%d %H:%M}"
        assert (there.weekday(), there.hour) == (0, 9)
    shown = ready("schedule", "list").out
    assert runs[0][0] in shown
    assert f"{runs[0][1]:%Y-%m-%d %H:%M} UTC" in shown
    with sessions() as session:
        assert session.query(Campaign).count() == 0


def test_a_schedule_is_paused_resumed_shown_and_removed(ready, sessions):
    create(ready, *MAP, *WEEKLY, "--until", "2099-12-31", "--overlap", "queue", "--deadline", "8h", name="weekly")
    assert ready("schedule", "pause", "weekly").code == 0
    assert ready("schedule", "show", "weekly", "--json").json["next_runs"] == []
    assert "cannot be paused" in ready("schedule", "pause", "weekly").err
    assert "is active" in ready("schedule", "resume", "weekly").out
    shown = ready("schedule", "show", "weekly").out
    assert "FREQ=WEEKLY;BYDAY=MO in America/Mexico_City, until 2099-12-31; overlap: queue" in shown
    assert "did you mean weekly?" in ready("schedule", "show", "weekyl").err
    assert ready("schedule", "remove", "weekly").code == 0
    assert "There is no schedule" in ready("schedule", "list").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (WEEKLY, "the same list for ever; give --until DATE or COUNT"),
        (("--recur", "FREQ=DAILY", "--at", "09:00"), "--recur needs --at and --zone"),
        (("--recur", "often", *WEEKLY[2:]), "is no rule; write it like FREQ=WEEKLY;BYDAY=MO"),
        (("--recur", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", *WEEKLY[2:]), "never comes"),
        ((*WEEKLY, "--until", "2001-01-01"), "no start before its end"),
        ((*WEEKLY, "--until", "soon"), "'soon' is no date"),
        ((*WEEKLY, "--until", "2099-01-01", "--deadline", "2098-01-01T00:00Z"), "give a time after each start"),
        (("--at", "2001-01-01T09:00:00Z"), "--at 2001-01-01 09:00 UTC has passed"),
        (("--at", "09:00"), "names no place; add --zone"),
        (("--at", "2099-01-01T09:00"), "has no offset from UTC"),
        (("--at", "soon"), "is no moment"),
        (("--at", "09:00", "--zone", "America/Mexico"), "is no time zone; did you mean America/Mexico_City"),
        (("--deadline", "2001-01-01T09:00:00Z"), "--deadline 2001-01-01 09:00 UTC has passed"),
        (("--window", "9-5"), "is no window; write it like 09:00-20:00"),
        (("--window", "09:00-10:00", "--holidays", "XX"), "is no country"),
        (("--window", "09:00-10:00", "--quiet-days", "christmas"), "is no date"),
        (("--quiet-days", "2099-12-25"), "need a --window"),
        (("--window", "09:00-10:00", "--zone-column", "tz"), "the list has no such column (found phone, name)"),
        (("--zone-column", "name"), "there is no --window to keep"),
        (("--any-hour",), "is for utility and authentication templates"),
        (("--spread", "6"), "is no time to spread over"),
        (("--spread", "6h", "--per-day", "5"), "the same thing twice"),
        (("--until", "2099-01-01"), "add --recur"),
    ],
)
def test_bad_times_are_refused_with_the_reason_and_nothing_is_made(ready, sessions, options, words):
    refused = create(ready, *MAP, *options)
    assert (refused.code, refused.err.count("\n")) == (2, 1), refused.err
    assert words in refused.err
    with sessions() as session:
        assert session.query(Campaign).count() == session.query(Schedule).count() == 0


def test_a_window_that_never_opens_is_refused(ready):
    quiet = ",".join(f"{year}-01-01" for year in range(2020, 2040))
    options = ("--window", "mon-sun 09:00-10:00", "--quiet-days", quiet)
    assert create(ready, *MAP, *options).code == 0
    days = ",".join(datetime.fromordinal(n).date().isoformat() for n in range(737000, 760000))
    refused = create(ready, *MAP, "--window", "09:00-10:00", "--quiet-days", days, name="never")
    assert "never opens" in refused.err


def test_a_local_start_is_the_instant_of_its_zone(ready, sessions):
    create(ready, *MAP, "--at", "2099-07-01T09:00", "--zone", "Europe/Berlin", "--deadline", "8h")
    with sessions() as session:
        made = session.query(Campaign).one()
        assert made.start_at == datetime(2099, 7, 1, 7, tzinfo=UTC)
        assert made.deadline_at == datetime(2099, 7, 1, 15, tzinfo=UTC)


def test_the_settings_window_holds_for_campaigns_that_name_none(ready, sessions, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DEFAULT_WINDOW", "09:00-20:00")
    create(ready, *MAP)
    with sessions() as session:
        assert session.query(Campaign).one().sending_window["hours"] == "09:00-20:00"


def test_a_schedule_keeps_no_address_of_a_database(ready):
    options = ("--query", "SELECT 1")
    refused = create(ready, *MAP, *WEEKLY, *options, audience="postgresql://shop:secret@127.0.0.1:9/shop", name="w")
    assert refused.code != 0
    assert "secret" not in refused.err
