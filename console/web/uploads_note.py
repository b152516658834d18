"""A launch that waits for files: they go to WhatsApp first, and the page says so while it lasts and afterwards."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from nicegui import ui

from campaign.access.roles import Act, Actor
from console.uploading import upload_before_launch, waiting_files
from console.web.parts import text
from console.web.visit import Visit
from models.session import Sessions

T = TypeVar("T")
Do = Callable[[Sessions, Actor], T]


class UploadsNote:
    """The place of the words. Whoever leaves the page meanwhile finds the campaign launched when they come back."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._place = ui.element("div").props('role="status" aria-live="polite"')

    async def during(self, campaigns: Sequence[str], act: Callable[[], Awaitable[T | None]]) -> T | None:
        """Do something that uploads first; what it came to, None after an error."""
        words = self._visit.words
        files = await self._visit.read(waiting_files, campaigns, self._visit.now())
        if files:
            self._say(words("uploading.under_way", count=files), goes_on=True)
        done = await act()
        if files and not self._place.is_deleted:
            self._place.clear()
            if done is not None:
                self._say(words("uploading.done", count=files))
        return done

    def _say(self, told: str, *, goes_on: bool = False) -> None:
        self._place.clear()
        with self._place:
            text(told, "p", "note")
            if goes_on:
                ui.element("progress").classes("wide").props(f'aria-label="{self._visit.words("uploading.progress")}"')


def launching(do: Do[T], campaigns: Sequence[str], now: datetime, approval_above: int | None) -> Do[T]:
    """A launch with the upload before it; where it would only ask for a second person's word, nothing leaves."""

    def doing(sessions: Sessions, by: Actor) -> T:
        upload_before_launch(sessions, by, campaigns, now=now, approval_above=approval_above)
        return do(sessions, by)

    return doing


def approving(do: Do[T], campaigns: Sequence[str], now: datetime) -> Do[T]:
    """A second person's yes with the upload before it."""

    def doing(sessions: Sessions, by: Actor) -> T:
        upload_before_launch(sessions, by, campaigns, now=now, act=Act.APPROVE)
        return do(sessions, by)

    return doing
