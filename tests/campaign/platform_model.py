"""A model of the platform's ledger: what was taken, what was told of it, and what a person holds in hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from campaign.sending.store import Claimed


@dataclass
class Taken:
    """A message that the platform took.

    tell_by  until when an honest platform has told of it; None while it is held, and when it has been told
    """

    request: "Request"
    wamid: str
    at: datetime
    tell_by: datetime | None
    held: bool = False
    told: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def dead(self) -> bool:
        """Whether it failed for good: nobody has it, so that another try is no second message."""
        return self.failed and not {"delivered", "read"} & set(self.told)


@dataclass
class Request:
    """One claim and what becomes of it. A worker that `died` will never record anything."""

    claimed: Claimed
    claimed_at: datetime
    leave_by: datetime
    answer: str | None = None
    died: bool = False
    recorded: bool = False
    taken: Taken | None = None

    @property
    def left(self) -> bool:
        """Whether the request is on its way, or was."""
        return self.answer is not None


class Platform:
    """Takes requests, and keeps account of whom it has sent what.

    reports_within  until when it first tries to tell of what it has taken
    tries_for       how long it tries, where nobody answers for longer than `patient`; what it misses in less than that
                    it tells as soon as somebody answers
    holding         it awaits its verdict on the template, and holds whatever comes
    """

    def __init__(self, reports_within: timedelta, patient: timedelta, tries_for: timedelta) -> None:
        self.reports_within, self.patient, self.tries_for = reports_within, patient, tries_for
        self.taken: list[Taken] = []
        self.holding = False
        self.deaf_since: datetime | None = None
        self._numbers = count(1)

    def take(self, request: Request, now: datetime) -> Taken:
        """Take a message, and hold it while the template is being judged."""
        tell_by = None if self.holding else now + self.reports_within
        taken = Taken(request, f"wamid.{next(self._numbers)}", now, tell_by, held=self.holding)
        request.taken = taken
        self.taken.append(taken)
        return taken

    def end_hold(self, now: datetime) -> None:
        """What is held is held no more, all of it, and told of like anything else."""
        self.holding = False
        for taken in self.taken:
            if taken.held:
                taken.held, taken.tell_by = False, now + self.reports_within

    def due(self, until: datetime) -> list[Taken]:
        """What is to be told until then, the oldest first. Nothing while nobody answers."""
        if self.deaf_since is not None:
            return []
        due = [taken for taken in self.taken if taken.tell_by is not None and taken.tell_by <= until]
        return sorted(due, key=lambda taken: taken.at)

    def find_nobody(self, since: datetime) -> None:
        """From now on nobody answers."""
        self.deaf_since = since

    def find_somebody(self, now: datetime) -> None:
        """Somebody answers again. After long, what was missed comes when the platform happens to try, at last."""
        assert self.deaf_since is not None
        if now - self.deaf_since > self.patient:
            for taken in self.taken:
                if taken.tell_by is not None and taken.tell_by <= now:
                    taken.tell_by = max(now, taken.tell_by - self.reports_within + self.tries_for)
        self.deaf_since = None

    def of(self, message_id: int) -> list[Taken]:
        """What was taken of one message, oldest first."""
        return [taken for taken in self.taken if taken.request.claimed.id == message_id]

    def sent_twice(self) -> list[int]:
        """Messages of which a person has, or will have, more than one."""
        living = [taken.request.claimed.id for taken in self.taken if not taken.dead]
        return sorted({id_ for id_ in living if living.count(id_) > 1})
