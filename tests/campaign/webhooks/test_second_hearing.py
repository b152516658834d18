"""A report may come before its message is known by its wamid."""

import json
from datetime import timedelta

import pytest

from campaign.settings import Settings
from campaign.webhooks.second_hearing import LOOK_BACK, SPARE, hear_unmatched_again
from models.states import MessageState
from tests.campaign.webhooks.desk import Desk, envelope, status
from tests.factories import NOON


@pytest.fixture
def wait(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.answer_timeout_s) + SPARE


@pytest.fixture
def onprem(desk: Desk) -> Desk:
    desk.write("UPDATE sender SET provider = 'd360-onprem'")
    desk.now = NOON + timedelta(seconds=1)
    return desk


def report(desk: Desk, wamid: str = "w1") -> int:
    """A flat body that arrives at noon."""
    (event_id,) = desk.receive(json.dumps({"statuses": [status("delivered", wamid, 0)]}).encode())
    desk.write("UPDATE webhook_event SET received_at = :noon", noon=NOON)
    return event_id


def test_a_report_that_overtook_the_answer_counts_in_the_end(onprem: Desk, settings: Settings, wait: timedelta) -> None:
    report(onprem)
    assert onprem.apply().unmatched == 1
    (message_id,) = onprem.messages()
    assert hear_unmatched_again(onprem.sessions, settings, now=NOON + wait - timedelta(seconds=1)) == 0
    onprem.now = NOON + wait + timedelta(seconds=1)
    assert hear_unmatched_again(onprem.sessions, settings, now=onprem.now) == 1
    assert onprem.apply().unmatched == 0
    assert onprem.message(message_id).state == MessageState.DELIVERED


def test_what_is_nobodys_is_heard_again_once(onprem: Desk, settings: Settings, wait: timedelta) -> None:
    event_id = report(onprem, "of-somebody-else")
    onprem.apply()
    onprem.now = NOON + wait + timedelta(seconds=1)
    assert hear_unmatched_again(onprem.sessions, settings, now=onprem.now) == 1
    onprem.apply()
    assert hear_unmatched_again(onprem.sessions, settings, now=onprem.now + timedelta(minutes=1)) == 0
    assert onprem.event(event_id).unmatched == 1


def test_at_other_providers_a_report_without_callback_data_is_heard_again_too(
    desk: Desk, settings: Settings, wait: timedelta
) -> None:
    desk.now = NOON + timedelta(seconds=1)
    (event_id,) = desk.receive(envelope(status("delivered", "w1", 0)))
    desk.write("UPDATE webhook_event SET received_at = :noon", noon=NOON)
    assert desk.apply().unmatched == 1
    (message_id,) = desk.messages()
    desk.now = NOON + wait + timedelta(seconds=1)
    assert hear_unmatched_again(desk.sessions, settings, now=desk.now) == 1
    assert desk.apply().unmatched == 0
    assert desk.message(message_id).state == MessageState.DELIVERED
    assert desk.event(event_id).unmatched == 0


def test_old_webhooks_are_left_alone(onprem: Desk, settings: Settings) -> None:
    report(onprem)
    onprem.apply()
    assert hear_unmatched_again(onprem.sessions, settings, now=NOON + LOOK_BACK + timedelta(minutes=1)) == 0
