"""Silence, gaps, a backlog and problems each have a name and say what to do."""

from datetime import timedelta

import pytest

from campaign.settings import Settings
from campaign.webhooks.health import StreamHealth, Trouble, stream_health, troubles
from tests.campaign.webhooks.desk import Desk, envelope, status
from tests.factories import NOON

NOW = NOON + timedelta(minutes=30)


def health(desk: Desk, settings: Settings) -> StreamHealth:
    with desk.sessions() as session:
        return stream_health(session, settings, NOW)[0]


def named(desk: Desk, settings: Settings) -> list[str]:
    return [each.trouble for each in troubles(health(desk, settings), settings, NOW)]


def arrived(desk: Desk, minutes: float) -> None:
    desk.write("UPDATE webhook_event SET received_at = :at", at=NOON + timedelta(minutes=minutes))


def test_nothing_sent_and_nothing_heard_is_well(desk: Desk, settings: Settings) -> None:
    assert named(desk, settings) == []


def test_the_last_webhook_and_the_lag_are_told(desk: Desk, settings: Settings) -> None:
    (message,) = desk.messages()
    desk.receive(envelope(status("sent", f"w{message}", 2)))
    arrived(desk, 10)
    desk.now = NOON + timedelta(minutes=10, seconds=3)
    desk.apply()
    found = health(desk, settings)
    assert found.last_webhook_at == NOON + timedelta(minutes=10)
    assert (found.received, found.waiting, found.lag_p50_s, found.lag_max_s) == (1, 0, 3.0, 3.0)
    assert (found.accepted, found.reported) == (1, 1)
    assert named(desk, settings) == []


def test_what_we_asked_for_hides_no_silence(desk: Desk, settings: Settings) -> None:
    told, _ = desk.messages(2)
    desk.receive(envelope(status("delivered", f"w{told}", 2)))
    desk.write("UPDATE webhook_event SET asked = true")
    desk.write("UPDATE message SET asked_at = :at WHERE id = :id", at=NOON + timedelta(minutes=9), id=told)
    arrived(desk, 10)
    desk.apply()
    found = health(desk, settings)
    assert (found.last_webhook_at, found.received, found.lag_max_s, found.reported) == (None, 0, None, 0)
    assert named(desk, settings) == [Trouble.SILENT]


def test_messages_without_any_report_are_silence(desk: Desk, settings: Settings) -> None:
    desk.messages(3)
    assert named(desk, settings) == [Trouble.SILENT]
    (finding,) = troubles(health(desk, settings), settings, NOW)
    assert "no webhook reports on the 3 messages accepted more than 10 min ago; no webhook ever came" in finding.text


def test_what_was_accepted_just_now_is_no_silence(desk: Desk, settings: Settings) -> None:
    desk.messages(3, accepted_at=NOW - timedelta(minutes=9))
    assert named(desk, settings) == []


def test_some_without_a_report_are_gaps(desk: Desk, settings: Settings) -> None:
    first, *_ = desk.messages(3)
    desk.tell(status("sent", f"w{first}", 2))
    assert named(desk, settings) == [Trouble.GAPS]


def test_webhooks_that_wait_are_a_backlog_and_no_silence(desk: Desk, settings: Settings) -> None:
    (message,) = desk.messages()
    desk.receive(envelope(status("sent", f"w{message}", 2)))
    arrived(desk, 28)
    assert named(desk, settings) == [Trouble.STUCK]


def test_a_problem_is_named_until_it_is_settled(desk: Desk, settings: Settings) -> None:
    desk.receive(b"no JSON")
    desk.apply()
    assert named(desk, settings) == [Trouble.PROBLEMS]
    desk.write("UPDATE webhook_event SET dismissed_at = now()")
    assert named(desk, settings) == []


@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_says_webhooks(trouble: Trouble) -> None:
    assert trouble.startswith("webhooks_")
