"""The receiver's memory of the senders: known ones at once, unknown ones without a question each."""

import asyncio
from collections.abc import Sequence

import pytest

from campaign.webhooks import directory as directory_module
from campaign.webhooks.authenticity import SenderSecrets
from campaign.webhooks.connection import DatabaseAway
from campaign.webhooks.directory import Directory, DirectoryUnavailable

ENVIRONMENT = {"APP_SECRET": "s3cret"}


class Senders:
    """The table of senders as the directory sees it."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.asked = 0
        self.away = False

    async def load(self) -> Sequence[SenderSecrets]:
        self.asked += 1
        await asyncio.sleep(0.02)
        if self.away:
            raise DatabaseAway("out of reach")
        return [SenderSecrets(place, name, "cloud", "APP_SECRET", None) for place, name in enumerate(self.names)]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory_module, "ASK_AGAIN_S", 0.1)


def directory(senders: Senders, remember_s: float = 0.3) -> Directory:
    return Directory(senders.load, ENVIRONMENT, remember_s=remember_s)


async def test_many_at_once_ask_once() -> None:
    senders = Senders("shop")
    known = directory(senders)
    doors = await asyncio.gather(*(known.find("shop") for _ in range(50)))
    assert {door.name for door in doors if door} == {"shop"}
    assert senders.asked == 1


async def test_a_flood_of_unknown_names_asks_once_a_while() -> None:
    senders = Senders("shop")
    known = directory(senders)
    for number in range(200):
        assert await known.find(f"nobody-{number}") is None
    assert senders.asked <= 2


async def test_a_new_sender_is_found_when_the_while_is_over() -> None:
    senders = Senders("shop")
    known = directory(senders, remember_s=60)
    assert await known.find("new") is None
    senders.names.append("new")
    await asyncio.sleep(0.15)
    assert await known.find("new") is not None


async def test_a_sender_that_is_gone_is_forgotten() -> None:
    senders = Senders("shop")
    known = directory(senders, remember_s=0.1)
    assert await known.find("shop") is not None
    senders.names.clear()
    await asyncio.sleep(0.15)
    assert await known.find("shop") is None


async def test_while_the_database_is_away_known_senders_stay_and_others_are_not_denied() -> None:
    senders = Senders("shop")
    known = directory(senders, remember_s=0.1)
    assert await known.find("shop") is not None
    senders.away = True
    await asyncio.sleep(0.15)
    assert await known.find("shop") is not None
    assert not await known.in_reach()
    with pytest.raises(DirectoryUnavailable):
        await known.find("new")
    senders.away = False
    await asyncio.sleep(0.15)
    assert await known.in_reach()
    assert await known.find("new") is None
