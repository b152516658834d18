"""The days of the inbox: made ahead, dropped when old, and never with something in them that is still needed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from campaign.settings import Settings
from campaign.webhooks.days import keep_days
from tests.campaign.webhooks.desk import Desk, envelope, status

TODAY = datetime(2031, 3, 10, 9, 30, tzinfo=UTC)
LATER = TODAY + timedelta(days=40)


@pytest.fixture(autouse=True)
def _days_of_the_run_stay(desk: Desk) -> object:
    """Days that these tests made are gone afterwards."""
    yield
    for name in days(desk):
        if name.removeprefix("webhook_event_").startswith("2031"):
            desk.write(f"DROP TABLE inbox.{name}")


def days(desk: Desk) -> list[str]:
    rows = desk.read(
        "SELECT relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
        "WHERE inhparent = 'webhook_event'::regclass ORDER BY 1"
    )
    return [row[0] for row in rows]


def of_2031(desk: Desk) -> list[str]:
    return [name.removeprefix("webhook_event_") for name in days(desk) if "_2031" in name]


def place(desk: Desk, event_id: int) -> str:
    return str(desk.read("SELECT tableoid::regclass FROM webhook_event WHERE id = :id", id=event_id)[0][0])


def arrive(desk: Desk, body: bytes, at: datetime) -> int:
    (event_id,) = desk.receive(body)
    desk.write("UPDATE webhook_event SET received_at = :at WHERE id = :id", at=at, id=event_id)
    return event_id


def test_days_are_made_ahead_and_take_what_arrives(desk: Desk, settings: Settings) -> None:
    assert keep_days(desk.sessions, settings, now=TODAY).made == 4
    assert of_2031(desk) == ["20310310", "20310311", "20310312", "20310313"]
    assert keep_days(desk.sessions, settings, now=TODAY).made == 0
    event_id = arrive(desk, envelope(), TODAY + timedelta(days=1))
    assert place(desk, event_id) == "inbox.webhook_event_20310311"


def test_what_has_no_day_is_taken_all_the_same_and_its_day_is_left_out(desk: Desk, settings: Settings) -> None:
    event_id = arrive(desk, envelope(), TODAY)
    assert place(desk, event_id) == "inbox.webhook_event_default"
    keep_days(desk.sessions, settings, now=TODAY)
    assert of_2031(desk) == ["20310311", "20310312", "20310313"]


def test_an_old_day_goes_once_it_is_applied(desk: Desk, settings: Settings) -> None:
    keep_days(desk.sessions, settings, now=TODAY)
    (message,) = desk.messages()
    arrive(desk, envelope(status("sent", f"w{message}", 3)), TODAY)
    kept = keep_days(desk.sessions, settings, now=LATER)
    assert kept.waiting == 1
    assert "20310310" in of_2031(desk)
    desk.apply()
    kept = keep_days(desk.sessions, settings, now=LATER)
    assert (kept.dropped, kept.waiting) == (1, 0)
    assert "20310310" not in of_2031(desk)
    assert desk.read("SELECT count(*) FROM webhook_event")[0][0] == 0


def test_a_webhook_with_a_problem_outlives_its_day_until_it_is_settled(desk: Desk, settings: Settings) -> None:
    keep_days(desk.sessions, settings, now=TODAY)
    broken = arrive(desk, b"no JSON", TODAY)
    desk.apply()
    assert keep_days(desk.sessions, settings, now=LATER).moved == 1
    assert place(desk, broken) == "inbox.webhook_event_default"
    desk.write("UPDATE webhook_event SET dismissed_at = now()")
    keep_days(desk.sessions, settings, now=LATER)
    assert desk.read("SELECT count(*) FROM webhook_event")[0][0] == 0


def test_within_the_retention_nothing_goes(desk: Desk, settings: Settings) -> None:
    keep_days(desk.sessions, settings, now=TODAY)
    arrive(desk, envelope(), TODAY)
    desk.apply()
    keep_days(desk.sessions, settings, now=TODAY + timedelta(days=settings.webhook_retention_days))
    assert desk.read("SELECT count(*) FROM webhook_event")[0][0] == 1


def test_a_lock_that_somebody_holds_is_left_for_the_next_time(desk: Desk, settings: Settings) -> None:
    with desk.sessions() as other:
        other.execute(text("LOCK TABLE inbox.webhook_event_default IN ACCESS SHARE MODE"))
        assert keep_days(desk.sessions, settings, now=TODAY).made == 0
    assert keep_days(desk.sessions, settings, now=TODAY).made == 4
