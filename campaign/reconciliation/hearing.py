"""Whether a report would have been heard: stretches of time in which webhooks came or the receiver stood ready. Pure.

Webhooks that come prove that they can come. Between them nothing proves it but the receiver's own pulse, and that says
nothing of the way to it: so a silence in which a message was accepted and should have been reported is a deaf one,
however well the receiver felt. Silences shorter than a third of the grace say nothing, for a report that finds nobody
is tried again soon at first.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

SILENCES = 3
"""A silence is longer than this part of the grace."""


def longest_silence(grace: timedelta) -> timedelta:
    """The longest time without a sign that is no silence."""
    return grace / SILENCES


class Stretch(NamedTuple):
    """A time, both ends included, in which signs came one soon after the other."""

    since: datetime
    until: datetime


def stretches(instants: Iterable[datetime], silence: timedelta) -> list[Stretch]:
    """Instants as the stretches that they make when no two neighbours are further apart than `silence`."""
    return joined((Stretch(each, each) for each in instants), silence)


def joined(each: Iterable[Stretch], silence: timedelta) -> list[Stretch]:
    """Stretches in ascending order, those joined that overlap or are no silence apart."""
    found: list[Stretch] = []
    for stretch in sorted(each):
        if found and stretch.since - found[-1].until <= silence:
            found[-1] = Stretch(found[-1].since, max(found[-1].until, stretch.until))
        else:
            found.append(stretch)
    return found


class Hearing:
    """What was heard of a sender.

    arrivals  when webhooks of it came
    pulses    when the receiver stood ready
    due       when messages were accepted whose reports were to be expected, in ascending order
    """

    def __init__(
        self, arrivals: Iterable[Stretch], pulses: Iterable[Stretch], due: Sequence[datetime], silence: timedelta
    ) -> None:
        self._arrivals = joined(arrivals, silence)
        self._pulses = joined(pulses, silence)
        self._due = due
        self._silence = silence

    def throughout(self, since: datetime, until: datetime) -> bool:
        """Whether a report would have been heard at any time from an instant to another."""
        return all(self._excused(gap) for gap in self._silences(self._arrivals, Stretch(since, until)))

    def _silences(self, heard: Sequence[Stretch], within: Stretch) -> Iterator[Stretch]:
        """The silences within a time."""
        # Stretches lie apart, so their ends ascend as well: the first that ends within it, and those after it.
        place = bisect_left(heard, within.since, key=lambda stretch: stretch.until)
        deaf_since = within.since
        for stretch in heard[place:]:
            if stretch.since > within.until:
                break
            if stretch.since - deaf_since > self._silence:
                yield Stretch(deaf_since, stretch.since)
            deaf_since = stretch.until
        if within.until - deaf_since > self._silence:
            yield Stretch(deaf_since, within.until)

    def _excused(self, gap: Stretch) -> bool:
        """Whether the receiver stood ready in a silence, and nothing was due that did not come."""
        overdue = bisect_left(self._due, gap.until - self._silence) > bisect_left(self._due, gap.since)
        return not overdue and not any(self._silences(self._pulses, gap))
