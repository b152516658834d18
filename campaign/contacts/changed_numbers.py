"""Which numbers are one person's, as far as the platform's own word proves it: changes of number, and user ids.

A number is somebody's for a *time*, which ends when the platform tells that they have left it; whoever has it after
that is somebody else. A change joins the time that it ends at the old number to the time at the new one in which it
fell, so a person is what such joints hold together. Whoever gets a number that they left is not drawn in.

    A to B, B to C                    one person, whichever of the three is named
    A to B, B to A                    one person
    A to B, and then D to A           two: one had A and has B, the other had D and has A
    A to B, and A is heard of anew    two, though nothing tells whence the other one came

A user id of the platform joins two numbers when both are known by the same ids and neither was ever left; where more is
known of one, the numbers are told as perhaps theirs, and nothing follows. Source: platform.md D.5, F.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.audience.phone import Phone, identity_of
from campaign.consent.replies import phone_of
from campaign.contacts import changed_numbers_store as store
from campaign.contacts.traces import spellings

MOST_NUMBERS = 50
"""Numbers of one person that are looked into; nobody has more, whatever a broken stream of events says."""

Span = tuple[str, int]
"""A number, and how many times it had been left before: one time of one person at it."""


class Change(NamedTuple):
    """Somebody left a number; `new` is None where nothing tells for which.

    at  by the platform's clock, which counts whole seconds; `noted` tells the order within one
    """

    old: str
    new: str | None
    at: datetime
    noted: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What is on record about some numbers, by identity.

    changes   who left which number when
    user_ids  the platform's ids of whoever has a number
    in_use    numbers of which something was heard after they had last been left
    """

    changes: frozenset[Change] = frozenset()
    user_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    in_use: frozenset[str] = frozenset()


class Held(NamedTuple):
    """The numbers of a person, each with when somebody else got it (None: it is theirs); and perhaps others."""

    until: Mapping[str, datetime | None]
    perhaps: frozenset[str]


def held_by(named: str, told: Told) -> Held:
    """The numbers of whoever has a number now, or had it last. Pure.

    A number that is named is taken as it stands, whoever had it before.
    """
    spans = _Spans(told)
    theirs: set[Span] = set()
    waiting = [spans.present(named)]
    while waiting:
        span = waiting.pop()
        if span not in theirs:
            theirs.add(span)
            waiting += spans.next_to(span)
    last: dict[str, int] = {}
    for number, index in theirs:
        last[number] = max(index, last.get(number, 0))
    until = {number: spans.ended(number, index) for number, index in sorted(last.items())} | {named: None}
    return Held(until, frozenset(spans.perhaps(named, last.keys())))


_When = tuple[datetime, datetime]


def _when(change: Change) -> _When:
    return change.at, change.noted


class _Spans:
    """The times of people at numbers, and what joins them."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._left: dict[str, list[_When]] = defaultdict(list)
        for change in sorted(told.changes, key=_when):
            if _when(change) not in self._left[change.old]:
                self._left[change.old].append(_when(change))
        self._joined: dict[Span, set[Span]] = defaultdict(set)
        for change in told.changes:
            if change.new is not None:
                before = (change.old, bisect_left(self._left[change.old], _when(change)))
                # Who comes to a number at the very instant at which somebody leaves it is taken for somebody else.
                after = (change.new, bisect_right(self._left[change.new], _when(change)))
                self._joined[before].add(after)
                self._joined[after].add(before)

    def present(self, number: str) -> Span:
        """The newest time at a number of which anything is known."""
        last = len(self._left[number])
        unheard_of = (number, last) not in self._joined and number not in self._told.in_use
        return number, last - 1 if last and unheard_of else last

    def ended(self, number: str, index: int) -> datetime | None:
        """When a time at a number ended, for who is known to have had a successor."""
        return None if index >= self.present(number)[1] else self._left[number][index][0]

    def next_to(self, span: Span) -> Iterator[Span]:
        """What one joint leads to."""
        yield from self._joined.get(span, ())
        number = span[0]
        ids = self._told.user_ids.get(number)
        if ids and not self._left[number]:
            yield from (
                (other, 0) for other, its in self._told.user_ids.items() if its == ids and not self._left[other]
            )

    def perhaps(self, named: str, theirs: Collection[str]) -> Iterator[str]:
        """Numbers that something joins to those of the person, but not surely."""
        beside = {number for change in self._told.changes if named in change[:2] for number in change[:2] if number}
        ids = {id_ for number in theirs for id_ in self._told.user_ids.get(number, ())}
        beside |= {number for number, its in self._told.user_ids.items() if its & ids}
        yield from beside - set(theirs)


@dataclass(frozen=True, slots=True)
class Number:
    """Another number of a person. `until`: when they left it, where somebody else has been heard of at it since."""

    phone: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OtherNumbers:
    """The other numbers of a person, and those that are perhaps theirs too."""

    known: Sequence[Number] = ()
    perhaps: Sequence[str] = ()


def other_numbers(session: Session, phone: Phone) -> OtherNumbers:
    """What else a person is known by, followed from change to change; at most `MOST_NUMBERS` are looked into."""
    record = _Record({phone.identity: phone.e164})
    held = Held({phone.identity: None}, frozenset())
    while (new := held.until.keys() - record.asked) and len(record.asked) < MOST_NUMBERS:
        record.look_into(session, sorted(new))
        held = held_by(phone.identity, record.told())
    others = (item for item in held.until.items() if item[0] != phone.identity)
    return OtherNumbers(
        [Number(record.e164[number], until) for number, until in others],
        sorted(record.e164[number] for number in held.perhaps),
    )


class _Record:
    """What has been read of numbers so far; `e164` is how each is written."""

    def __init__(self, e164: dict[str, str]) -> None:
        self.e164, self.asked = e164, set[str]()
        self._known: set[store.ChangedTo] = set()
        self._left: set[store.Left] = set()
        self._user_ids: dict[str, set[str]] = defaultdict(set)
        self._in_use: set[str] = set()

    def look_into(self, session: Session, numbers: Sequence[str]) -> None:
        """Read what is on record about more numbers."""
        digits = [each for number in numbers for each in spellings(Phone(self.e164[number], number, None))]
        for known in store.changes_around(session, numbers, digits):
            self._known.add(known)
            new = phone_of(known.digits)
            self.e164 = {known.phone_identity: known.phone_e164, new.phone_identity: new.phone_e164} | self.e164
        for user_id, number, e164 in store.same_user_ids(session, numbers):
            self._user_ids[number].add(user_id)
            self.e164.setdefault(number, e164)
        self._left |= set(store.left(session, [*numbers, *(known.phone_identity for known in self._known)]))
        self._in_use |= store.heard_of_since(session, numbers)
        self.asked |= set(numbers)

    def told(self) -> Told:
        """The same in order."""
        ids = {number: frozenset(user_ids) for number, user_ids in self._user_ids.items()}
        return Told(frozenset(changes_in(self._known, self._left)), ids, frozenset(self._in_use))


def changes_in(known: Collection[store.ChangedTo], left: Collection[store.Left]) -> Iterator[Change]:
    """Who left which number when and for which: what one transaction wrote of a number belongs together. Pure.

    A change that came back (A to B, B to A, A to B) is known by its first time; later ones go where that went. Where
    several went together, nothing tells which went where, and nothing is followed.
    """
    for number in sorted({each.phone_identity for each in known} | {each.phone_identity for each in left}):
        targets = [each for each in known if each.phone_identity == number]
        leavings = [each for each in left if each.phone_identity == number]
        for each in leavings:
            yield Change(number, _target(each, targets, leavings), each.occurred_at, each.recorded_at)
        noted = {each.recorded_at for each in leavings}
        yield from (
            Change(number, identity_of(each.digits), each.created_at, each.created_at)
            for each in targets if each.created_at not in noted
        )  # fmt: skip


def _target(one: store.Left, targets: Collection[store.ChangedTo], leavings: Collection[store.Left]) -> str | None:
    together = {identity_of(each.digits) for each in targets if each.created_at == one.recorded_at}
    before = {identity_of(each.digits) for each in targets if each.created_at < one.recorded_at}
    alone = sum(each.recorded_at == one.recorded_at for each in leavings) == 1
    found = (together if alone or len(together) == 1 else set()) or (set() if together else before)
    return found.pop() if len(found) == 1 else None
