"""Messages whose webhooks are overdue are asked about once, within the budget, and merged like webhooks."""

from datetime import timedelta

import pytest

from campaign.errors import PlatformError
from campaign.providers.history import as_webhook
from campaign.reconciliation.history import ask_about_overdue
from campaign.settings import Settings
from models import Sender
from tests.campaign.webhooks.conftest import desk
from tests.campaign.webhooks.desk import Desk
from tests.factories import NOON

__all__ = ["desk"]

LATER = NOON + timedelta(hours=2)


class Told:
    """A history that tells that every message was delivered."""

    def __init__(self, refuses: bool = False) -> None:
        self.asked: list[str] = []
        self.refuses = refuses
        self.closed = 0

    def __call__(self, sender: Sender) -> "Told":
        return self

    async def ask(self, wamid: str) -> bytes | None:
        if self.refuses:
            raise PlatformError("no history for this account")
        self.asked.append(wamid)
        event = {"delivery_status": "DELIVERED", "timestamp": int(NOON.timestamp()) + 9}
        return as_webhook(wamid, {"data": [{"message_id": wamid, "events": {"data": [event]}}]})

    async def aclose(self) -> None:
        self.closed += 1


async def test_overdue_messages_are_asked_about_once_and_merged(desk: Desk, settings: Settings) -> None:
    lost, young, sent = desk.messages(3)
    desk.write("UPDATE message SET accepted_at = :at WHERE id = :id", id=young, at=LATER - timedelta(minutes=5))
    desk.write("UPDATE message SET state = 'sent', sent_at = accepted_at WHERE id = :id", id=sent)
    told = Told()
    assert await ask_about_overdue(desk.sessions, settings, told, now=LATER) == 1
    assert (told.asked, told.closed) == ([f"w{lost}"], 1)
    desk.apply()
    message = desk.message(lost)
    assert (message.state, message.delivered_at, message.asked_at) == ("delivered", NOON + timedelta(seconds=9), LATER)
    assert await ask_about_overdue(desk.sessions, settings, told, now=LATER) == 0


@pytest.mark.parametrize("budget", [0, 2])
async def test_an_hour_has_its_budget(desk: Desk, settings: Settings, budget: int) -> None:
    desk.messages(5)
    few = settings.model_copy(update={"history_calls_per_h": budget})
    told = Told()
    assert await ask_about_overdue(desk.sessions, few, told, now=LATER) == budget
    assert await ask_about_overdue(desk.sessions, few, told, now=LATER + timedelta(minutes=30)) == 0
    assert await ask_about_overdue(desk.sessions, few, told, now=LATER + timedelta(hours=1)) == budget


async def test_an_account_that_refuses_does_not_stop_the_run(desk: Desk, settings: Settings) -> None:
    desk.messages(2)
    assert await ask_about_overdue(desk.sessions, settings, Told(refuses=True), now=LATER) == 0


def test_a_history_without_events_tells_nothing() -> None:
    for page in ({}, {"data": []}, {"data": [{"message_id": "w"}]}, {"data": [{"events": {"data": [{}]}}]}):
        assert as_webhook("w", page) is None
