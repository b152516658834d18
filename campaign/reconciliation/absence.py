"""The proof that a request without an answer never arrived, so that its message may be sent again. Pure.

A request leaves within `departure_s` of its claim and is on its way for at most `send_timeout_s`: that is its *last
departure*. A message that the platform had taken would have been reported, and with its callback data we would know
it. It counts as absent when all of this holds:

1. Grace: so long has passed since the last departure that its reports would have come (`uncertain_grace_s`).
2. Drained: every webhook received within that time has been applied. What waits in the inbox may be its report.
3. Moved on: messages of the same sender, accepted after the last departure, have been reported. The stream reaches
   from the last departure to the *watermark*, the newest message that has been reported.
4. Not lossy: of all messages accepted in that stretch, at least 98 % have been reported. Where reports get lost, the
   silence of one message says nothing. Messages that are held are left out, for the platform is silent about them.

While the stream is silent nothing is proven: the message stays uncertain until later traffic, its own report, or a
person resolves it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

LEAST_SHARE = 0.98
"""Of the later messages, how many must have been reported."""


class Second(NamedTuple):
    """Messages of one sender that were accepted within one second, and how many of them have been reported."""

    start: datetime
    accepted: int
    reported: int


class Unanswered(NamedTuple):
    """A message whose request may or may not have arrived."""

    message_id: int
    claimed_at: datetime


class Patience(NamedTuple):
    """How long a request may take to leave, and its reports to come."""

    departure: timedelta
    grace: timedelta


class Stream:
    """What later messages of a sender tell, second by second in ascending order."""

    def __init__(self, seconds: Sequence[Second]) -> None:
        last = max((place for place, second in enumerate(seconds) if second.reported), default=-1)
        within = seconds[: last + 1]
        self._starts = [second.start for second in within]
        self._accepted = list(accumulate((second.accepted for second in within), initial=0))
        self._reported = list(accumulate((second.reported for second in within), initial=0))

    def moved_past(self, departed_at: datetime) -> bool:
        """Whether messages accepted after an instant have been reported, nearly all of them up to the watermark."""
        # A second that has begun at the departure may hold messages from before it: only whole later ones count.
        first = bisect_left(self._starts, departed_at)
        accepted = self._accepted[-1] - self._accepted[first]
        reported = self._reported[-1] - self._reported[first]
        return reported > 0 and reported >= LEAST_SHARE * accepted


def absent(
    unanswered: Sequence[Unanswered], stream: Stream, patience: Patience, drained_until: datetime
) -> list[Unanswered]:
    """Those that provably never arrived.

    drained_until  every webhook received before it has been applied; no later than now
    source         platform.md C.6
    """
    return [
        each
        for each in unanswered
        if each.claimed_at + patience.departure + patience.grace <= drained_until
        and stream.moved_past(each.claimed_at + patience.departure)
    ]
