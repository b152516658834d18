"""Events to the attempts that they are about: by wamid, then by the callback data that every request carried.

Never by phone: one person may be known by several, or by none (platform.md F).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaign.callback import Callback, read_callback
from campaign.providers.base import DeliveryEvent
from campaign.webhooks import store
from campaign.webhooks.facts import attempt_facts, message_facts, needs_attempts
from campaign.webhooks.merge import AttemptFacts, MessageFacts, Report


@dataclass(slots=True)
class Heard:
    """One delivery event and the sender at whose address it was posted."""

    sender_id: int
    event: DeliveryEvent
    callback: Callback | None = None
    matched: bool = False

    def __post_init__(self) -> None:
        self.callback = read_callback(self.event.callback_data)


def load_touched(session: Session, heard: Sequence[Heard]) -> dict[int, MessageFacts]:
    """The messages that the events may be about, with their attempts, locked."""
    if not heard:
        return {}
    wamids = {each.event.wamid for each in heard}
    named = {each.callback.message_id for each in heard if each.callback}
    rows = store.lock_touched(session, wamids, named)
    attempts = _attempts(session, [row[0] for row in rows if needs_attempts(row)])
    return {row[0]: message_facts(row, attempts.get(row[0], ())) for row in rows}


def _attempts(session: Session, message_ids: Sequence[int]) -> dict[int, list[AttemptFacts]]:
    found: dict[int, list[AttemptFacts]] = {}
    for row in store.attempts_of(session, message_ids) if message_ids else ():
        found.setdefault(row.message_id, []).append(attempt_facts(row[1:]))
    return found


def match(session: Session, heard: Sequence[Heard], touched: Mapping[int, MessageFacts]) -> dict[int, list[Report]]:
    """Reports by message. Events of messages that are not ours stay `matched` False."""
    reports: dict[int, list[Report]] = {}
    places = _Places(session, touched, {each.sender_id for each in heard})
    # An event without callback data may stand before the one that tells whose its wamid is: those are asked twice.
    for each in [*heard, *(each for each in heard if each.callback is None)]:
        place = None if each.matched else places.of(each)
        if place is not None:
            each.matched = True
            reports.setdefault(place[0], []).append(Report(place[1], each.event))
    return reports


class _Places:
    """Where a wamid or a callback belongs: message id and attempt number."""

    def __init__(self, session: Session, touched: Mapping[int, MessageFacts], sender_ids: Iterable[int]) -> None:
        self._touched = touched
        self._by_wamid = {
            attempt.wamid: (message.id, attempt.number)
            for message in touched.values()
            for attempt in (message.newest, *message.older)
            if attempt.wamid is not None
        }
        self._trusted = store.senders_of_one_secret(session, sender_ids) if touched else {}

    def of(self, each: Heard) -> tuple[int, int] | None:
        known = self._by_wamid.get(each.event.wamid)
        if known is None and (known := self._by_callback(each)) is not None:
            self._by_wamid[each.event.wamid] = known
        return known

    def _by_callback(self, each: Heard) -> tuple[int, int] | None:
        if each.callback is None:
            return None
        campaign_id, message_id, number = each.callback
        message = self._touched.get(message_id)
        # Callback data can be written by whoever sends on the same number: only a place that is really ours counts.
        if message is None or message.campaign_id != campaign_id:
            return None
        if message.sender_id not in self._trusted.get(each.sender_id, ()):
            return None
        known = number == message.newest.number or any(attempt.number == number for attempt in message.older)
        return (message_id, number) if known else None
