"""The proof that a request without an answer never arrived, so that its message may be sent again. Pure.

A request leaves within `departure_s` of its claim and is on its way for at most `send_timeout_s`: that is its *last
departure*. A message that the platform had taken would have been reported, and with its callback data we would know
it. It counts as absent when all of this holds:

1. Grace: so long has passed since the last departure that its reports would have come (`uncertain_grace_s`).
2. Drained: every webhook received within that time has been applied. What waits in the inbox may be its report.
3. Heard: from the claim to the end of the grace webhooks came, or the receiver stood ready and none was due; see
   campaign.reconciliation.hearing. A report that found nobody is tried again, perhaps much later: then the message
   waits until the platform has given up trying (`webhook_retry_s`).
4. Moved on: messages of the same sender, accepted after the last departure, have been reported. The stream reaches
   from the last departure to the *watermark*, the newest message that has been reported.
5. Not lossy: of all messages accepted in that stretch, at least 98 % have been reported. Where reports get lost, the
   silence of one message says nothing. Messages that are held are left out, for the platform is silent about them.
6. Not held: no message of its template is held. It may be held too, and its answer lost; so after a hold the grace
   begins with the end of the hold.

While the stream is silent nothing is proven: the message stays uncertain until later traffic, its own report, or a
person resolves it. A campaign with the policy `ask` is left to a person in any case.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from campaign.reconciliation.hearing import Hearing

LEAST_SHARE = 0.98
"""Of the later messages, how many must have been reported."""


class Second(NamedTuple):
    """Messages of one sender that were accepted within one second, and how many of them have been reported."""

    start: datetime
    accepted: int
    reported: int


class Unanswered(NamedTuple):
    """A message whose request may or may not have arrived, and the template that it went with."""

    message_id: int
    claimed_at: datetime
    template_id: int = 0


class Patience(NamedTuple):
    """How long a request may take to leave, its reports to come, and the platform to try to bring them."""

    departure: timedelta
    grace: timedelta
    retries: timedelta


class Stream:
    """What later messages of a sender tell, second by second in ascending order."""

    def __init__(self, seconds: Sequence[Second]) -> None:
        last = max((place for place, second in enumerate(seconds) if second.reported), default=-1)
        within = seconds[: last + 1]
        self._starts = [second.start for second in within]
        self._accepted = list(accumulate((second.accepted for second in within), initial=0))
        self._reported = list(accumulate((second.reported for second in within), initial=0))

    def after(self, departed_at: datetime) -> tuple[int, int]:
        """Messages accepted after an instant up to the watermark, and how many of them have been reported."""
        # A second that has begun at the departure may hold messages from before it: only whole later ones count.
        first = bisect_left(self._starts, departed_at)
        return self._accepted[-1] - self._accepted[first], self._reported[-1] - self._reported[first]

    def moved_past(self, departed_at: datetime) -> bool:
        """Whether messages accepted after an instant have been reported, nearly all of them up to the watermark."""
        accepted, reported = self.after(departed_at)
        return reported > 0 and reported >= LEAST_SHARE * accepted


class Evidence(NamedTuple):
    """What speaks for the absence of a sender's messages.

    held_until     templates of which messages were held, and until when; None where some still are
    drained_until  every webhook received before it has been applied; no later than now
    """

    stream: Stream
    hearing: Hearing
    held_until: Mapping[int, datetime | None]
    drained_until: datetime


class Obstacle(StrEnum):
    """What keeps a proof of absence from being complete."""

    HELD = "held"
    GRACE = "grace"
    OUTAGE = "outage"
    SILENT = "silent"
    LOSSY = "lossy"


class Lacking(NamedTuple):
    """An obstacle, and when it is over by itself; None where that is not known."""

    obstacle: Obstacle
    until: datetime | None = None


def absent(unanswered: Sequence[Unanswered], evidence: Evidence, patience: Patience) -> list[Unanswered]:
    """Those that provably never arrived.

    source  platform.md C.6, D.1
    """
    return [each for each in unanswered if lacking(each, evidence, patience) is None]


def lacking(each: Unanswered, evidence: Evidence, patience: Patience) -> Lacking | None:
    """The first thing that the proof of a message's absence lacks; None when it is complete."""
    departed_at = each.claimed_at + patience.departure
    silent_until = evidence.held_until.get(each.template_id, departed_at)
    if silent_until is None:
        return Lacking(Obstacle.HELD)
    told_from = max(departed_at, silent_until)
    told_by, given_up_at = told_from + patience.grace, told_from + max(patience.grace, patience.retries)
    if told_by > evidence.drained_until:
        return Lacking(Obstacle.GRACE, told_by)
    if given_up_at > evidence.drained_until and not evidence.hearing.throughout(each.claimed_at, told_by):
        return Lacking(Obstacle.OUTAGE, given_up_at)
    if not evidence.stream.moved_past(departed_at):
        return Lacking(Obstacle.LOSSY if evidence.stream.after(departed_at)[1] else Obstacle.SILENT)
    return None
