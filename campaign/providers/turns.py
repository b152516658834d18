"""A wire whose requests wait for their turn: a gateway takes so many to an endpoint in a second, whoever asks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import httpx

from campaign.providers.base import NotSent, Uncertain
from campaign.providers.transport import Answer, Wire

Turn = Callable[[], Awaitable[None]]
"""Waits until one more request may leave; raises PlatformError where that is not soon."""


class Carrier(Protocol):
    """What carries requests to a platform; see campaign.providers.transport.Wire."""

    async def exchange(
        self, method: str, url: httpx.URL | str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer | NotSent | Uncertain:
        """Send a request once and read its answer."""

    async def aclose(self) -> None:
        """Give the connections back."""


class InTurn:
    """A wire before which each request takes its turn."""

    def __init__(self, wire: Wire, turn: Turn) -> None:
        self._wire = wire
        self._turn = turn

    async def exchange(
        self, method: str, url: httpx.URL | str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer | NotSent | Uncertain:
        """Wait for the turn, then send a request once and read its answer.

        raises  PlatformError when the turn does not come soon
        """
        await self._turn()
        return await self._wire.exchange(method, url, headers, content)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._wire.aclose()


def in_turn(wire: Wire, turn: Turn | None) -> Carrier:
    """The wire, with turns where there is a limit."""
    return InTurn(wire, turn) if turn is not None else wire
