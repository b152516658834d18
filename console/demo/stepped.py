"""An engine whose clock is stepped by hand: at each instant it does what beat rings and what the lanes do.

Beat and the loops of the workers are left out, since they ask the real clock; everything else is what runs in earnest:
runs found and imported, windows followed, claims, requests over HTTP, the receiver, the inbox, the sweeps.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from campaign import reconciliation
from campaign.lifecycle import start_due
from campaign.providers.base import Provider
from campaign.schedules import running
from campaign.scheduling.placing import follow_windows
from campaign.sending.lane import Tools
from campaign.sending.send_chunk import send_chunk
from campaign.sending.store import senders_with_work
from campaign.settings import Settings
from campaign.webhooks.inbox import apply_webhooks
from models import Sender
from models.session import Sessions
from tasks import wiring
from tasks.webhooks import inbox_rules

LANE_S = 30.0
"""A lane has long sent what is due at one instant by then."""


@dataclass
class SteppedClock:
    """An instant that stands still until it is stepped, and when by the real clock it was reached."""

    now: datetime
    _reached: list[tuple[float, datetime]] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def until(self, end: datetime, step: timedelta) -> Iterator[datetime]:
        """Each instant from now on, before `end`."""
        while self.now < end:
            self._reached.append((time.time(), self.now))
            yield self.now
            self.now += step

    def at(self, real: float) -> datetime:
        """The instant that it was at a moment of the real clock, epoch seconds."""
        place = bisect_right(self._reached, real, key=lambda reached: reached[0])
        return self._reached[max(0, place - 1)][1]


class SteppedEngine:
    """The engine of this process's settings, by a clock of its own."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.sessions: Sessions = wiring.sessions()
        self.settings: Settings = wiring.settings()
        self._providers: dict[int, Provider] = {}

    def tick(self) -> None:
        """What happens at one instant, until nothing is due any more."""
        now, settings = self.clock.now, self.settings
        self.hear()
        for run_id in running.tick(self.sessions, now=now, late_start=timedelta(seconds=settings.late_start_s)):
            running.run(self.sessions, run_id, clock=self.clock, settings=settings, environment={})
        start_due(self.sessions, now=now, late_start=timedelta(seconds=settings.late_start_s))
        follow_windows(self.sessions, now=now, leaves_within=timedelta(seconds=settings.leaves_within_s))
        with self.sessions() as session:
            senders = senders_with_work(session, now)
        for sender_id in senders:
            wiring.run(send_chunk(sender_id, self._tools(), _for_seconds(LANE_S)))

    def hear(self) -> None:
        """Apply what webhooks have told so far, and let campaigns follow."""
        apply_webhooks(self.sessions, inbox_rules(), clock=self.clock)
        reconciliation.sweep(self.sessions, self.settings, clock=self.clock)

    def close(self) -> None:
        """Give back the connections to the platform."""
        for provider in self._providers.values():
            wiring.run(provider.aclose())

    def provider(self, sender: Sender) -> Provider:
        """The door to the platform of a sender, kept open until `close`."""
        if sender.id not in self._providers:
            self._providers[sender.id] = wiring.provider_for(sender)
        return self._providers[sender.id]

    def _tools(self) -> Tools:
        return replace(wiring.tools(), clock=self.clock, provider=self.provider)


def _for_seconds(seconds: float) -> Callable[[], bool]:
    ends_at = time.monotonic() + seconds
    return lambda: time.monotonic() < ends_at
