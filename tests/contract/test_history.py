"""Meta's message history, as the stand-in keeps it, read like webhooks."""

import asyncio

import pytest

from campaign.errors import PlatformError
from campaign.providers.base import Accepted
from campaign.providers.events import read_cloud
from campaign.providers.history import CloudHistory
from campaign.providers.transport import Wire
from campaign.settings import Settings
from tests.contract.conftest import DIALECTS, NUMBER, TOKEN, Bound

only_cloud = pytest.mark.parametrize("bound", DIALECTS[:1], indirect=True)


def history(bound: Bound, settings: Settings, token: str = TOKEN) -> CloudHistory:
    return CloudHistory(Wire(settings), f"{bound.client.url}/v23.0", token, NUMBER)


@only_cloud
async def test_it_tells_the_statuses_of_a_message(bound: Bound, settings: Settings) -> None:
    taken = await bound.provider.send(bound.message())
    assert isinstance(taken, Accepted)
    asked = history(bound, settings)
    for _ in range(100):
        body = await asked.ask(taken.wamid)
        events = read_cloud(body).deliveries if body else ()
        if "delivered" in {event.status.value for event in events}:
            break
        await asyncio.sleep(0.02)
    assert {event.wamid for event in events} == {taken.wamid}
    assert {event.status.value for event in events} >= {"sent", "delivered"}
    assert await asked.ask("wamid.unknown") is None
    await asked.aclose()


@only_cloud
async def test_a_refusal_is_said(bound: Bound, settings: Settings) -> None:
    asked = history(bound, settings, token="wrong")
    with pytest.raises(PlatformError):
        await asked.ask("wamid.unknown")
    await asked.aclose()
