"""Every request that arrived, and the truth of what became of it. Tests hold the engine's report against this.

An entry is some 400 bytes, so a million fit in memory; sums over all of them are made when asked for.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sandbox.phone import person_of

# One bit for each status, for `posted`.
SENT, DELIVERED, READ, FAILED = 1, 2, 4, 8
STATUS_NAMES = {SENT: "sent", DELIVERED: "delivered", READ: "read", FAILED: "failed"}


class Entry:
    """One request to send.

    at            arrival, epoch seconds
    outcome       accepted, held, paused, refused, or lost: the platform never took it and never answered
    http_status   None when no answer was given
    sent_at …     when it happened on the platform, whether or not the webhook got through
    posted        bits of the statuses that the receiver has answered with 200
    """

    __slots__ = (
        "at",
        "callback_data",
        "category",
        "code",
        "delivered_at",
        "door",
        "error_code",
        "expired_at",
        "failed_at",
        "hidden",
        "http_status",
        "language",
        "outcome",
        "posted",
        "read_at",
        "sent_at",
        "seq",
        "template",
        "to",
        "wa_id",
    )

    def __init__(self, seq: int, at: float, door: Any) -> None:
        self.seq, self.at, self.door = seq, at, door
        self.to: str | None = None
        self.wa_id: str | None = None
        self.template: str | None = None
        self.language: str | None = None
        self.category: str | None = None
        self.hidden = False
        self.callback_data: str | None = None
        self.outcome = "refused"
        self.http_status: int | None = 200
        self.code: int | None = None
        self.sent_at: float | None = None
        self.delivered_at: float | None = None
        self.read_at: float | None = None
        self.failed_at: float | None = None
        self.expired_at: float | None = None
        self.error_code: int | None = None
        self.posted = 0

    @property
    def taken(self) -> bool:
        """Whether the platform took the message, whatever the client was told."""
        return self.outcome in ("accepted", "held", "paused")

    @property
    def message_id(self) -> str | None:
        """The platform's id of the message, made from the sequence number whenever it is asked for."""
        return self.door.message_id(self) if self.taken else None

    @property
    def truth(self) -> str:
        """The furthest that the message came: read wins over failed, since the person has it."""
        # A person with two devices can have it and fail at once: delivered wins, platform.md I.6.
        for at, name in ((self.read_at, "read"), (self.delivered_at, "delivered")):
            if at is not None:
                return name
        if self.failed_at is not None:
            return "dropped" if self.outcome == "held" and self.error_code == 132015 else "failed"
        if self.expired_at is not None:
            return "expired"
        return "sent" if self.sent_at is not None else self.outcome

    def statuses(self) -> Iterator[dict[str, Any]]:
        """The statuses that came to pass, in order of time."""
        times = ((self.sent_at, SENT), (self.delivered_at, DELIVERED), (self.read_at, READ), (self.failed_at, FAILED))
        for at, bit in sorted((at, bit) for at, bit in times if at is not None):
            yield {"status": STATUS_NAMES[bit], "at": at, "delivered_to_receiver": bool(self.posted & bit)}

    def as_dict(self) -> dict[str, Any]:
        """The entry as `GET /_sandbox/ledger` shows it."""
        return {
            "seq": self.seq,
            "at": self.at,
            "dialect": self.door.dialect.name,
            "phone_number_id": self.door.number_id,
            "to": self.to,
            "wa_id": self.wa_id,
            "template": self.template,
            "language": self.language,
            "callback_data": self.callback_data,
            "outcome": self.outcome,
            "http_status": self.http_status,
            "code": self.code,
            "wamid": self.message_id,
            "statuses": list(self.statuses()) if self.taken else [],
            "truth": self.truth,
            "error_code": self.error_code,
        }


class BusiestSecond(NamedTuple):
    """The window of one second that held most arrivals: how many, and when it began, epoch seconds."""

    arrivals: int
    start: float | None


def busiest_second(times: Iterable[float], window_s: float = 1.0) -> BusiestSecond:
    """The most arrivals in any half-open window [t, t + 1.000 s), exactly: two pointers over the sorted times."""
    ordered = sorted(times)
    best, start, first = 0, None, 0
    # The window moves its end over every arrival and its start as little as it must.
    for last, at in enumerate(ordered):
        while at - ordered[first] >= window_s:
            first += 1
        if last - first + 1 > best:
            best, start = last - first + 1, ordered[first]
    return BusiestSecond(best, start)


class Ledger:
    """All entries in order of arrival. Sequence numbers start at 1 and have no gaps."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._arrivals: dict[str, array[float]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def open(self, at: float, door: Any) -> Entry:
        """A new entry for a request that arrived at `at`."""
        entry = Entry(len(self._entries) + 1, at, door)
        self._entries.append(entry)
        # Eight bytes for each, beside the entries: the busiest second needs nothing else.
        arrivals = self._arrivals.get(door.number_id)
        if arrivals is None:
            arrivals = self._arrivals[door.number_id] = array("d")
        arrivals.append(at)
        return entry

    def get(self, seq: int | None) -> Entry | None:
        """The entry with a sequence number, if there is one."""
        return self._entries[seq - 1] if seq is not None and 0 < seq <= len(self._entries) else None

    def page(self, after: int, limit: int) -> Sequence[Entry]:
        """At most `limit` entries whose sequence number is above `after`."""
        # Numbers have no gaps, but a reader may ask beyond the end.
        start = bisect_left(self._entries, after + 1, key=lambda entry: entry.seq)
        return self._entries[start : start + limit]

    def clear(self) -> None:
        """Forget everything."""
        self._entries = []
        self._arrivals = {}

    def summary(self) -> dict[str, Any]:
        """Counts over all entries, persons written to more than once, and the busiest second of each number."""
        # A copy: this runs beside the loop that adds to it.
        entries = self._entries[:]
        taken = [entry for entry in entries if entry.taken]
        return {
            "requests": len(entries),
            "accepted": len(taken),
            "outcomes": dict(Counter(entry.outcome for entry in entries)),
            "codes": {str(code): n for code, n in Counter(e.code for e in entries if e.code is not None).items()},
            "truth": dict(Counter(entry.truth for entry in taken)),
            "failed_codes": {str(code): n for code, n in Counter(e.error_code for e in taken if e.error_code).items()},
            "statuses_not_received": sum(_unposted(entry) for entry in taken),
            **_repeats(taken),
            "busiest_second": {
                number: dict(zip(("count", "start"), busiest_second(times[:]), strict=True))
                for number, times in list(self._arrivals.items())
            },
        }


def _unposted(entry: Entry) -> int:
    times = ((entry.sent_at, SENT), (entry.delivered_at, DELIVERED), (entry.read_at, READ), (entry.failed_at, FAILED))
    return sum(1 for at, bit in times if at is not None and not entry.posted & bit)


def _repeats(taken: Sequence[Entry]) -> dict[str, Any]:
    """Persons with more than one accepted message of one template and campaign.

    The mark of a campaign is the callback data up to its first colon; two spellings of a phone are one person. Those
    whose earlier messages failed have been written to again with reason: `reached_twice` leaves them out.
    """
    accepted: Counter[tuple[str, str | None, str]] = Counter()
    reached: Counter[tuple[str, str | None, str]] = Counter()
    for entry in taken:
        # A client's mark is opaque to the platform; tests need its first part, which names the campaign.
        key = (person_of(entry.wa_id or ""), entry.template, (entry.callback_data or "").partition(":")[0])
        accepted[key] += 1
        reached[key] += entry.failed_at is None or entry.delivered_at is not None
    twice = [key for key, n in accepted.items() if n > 1]
    return {
        "duplicates": len(twice),
        "reached_twice": sum(1 for key in twice if reached[key] > 1),
        "duplicate_examples": [{"wa_id": who, "template": what, "mark": mark} for who, what, mark in twice[:20]],
    }
