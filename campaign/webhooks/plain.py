"""Plain reports: those that nearly every message gets, merged by one statement for a whole batch.

A plain report says `sent`, `delivered` or `read`, and is about a message that was tried once and never failed. What
that comes to needs no policy and no other attempt: the earliest instants, and the state that follows by the table of
moves. Whatever is not plain goes the general way of `campaign.webhooks.merge`. Both ways give the same rows.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from campaign.providers.base import DeliveryEvent, DeliveryStatus
from campaign.webhooks.plain_store import PlainReports, save_plain

SENT, DELIVERED, READ = DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ

_Price = tuple[str | None, bool | None, str | None, str | None]
_NO_PRICE: _Price = (None, None, None, None)
_SENT_AT, _DELIVERED_AT, _READ_AT, _PRICE, _USER_ID = range(5)


class Plain(NamedTuple):
    """What was plain: the wamids of which every event is merged, and the ids of the messages that this changed.

    user_ids  messages and user ids of their people that were not known of them
    """

    wamids: Container[str] = frozenset()
    changed: Sequence[int] = ()
    user_ids: Sequence[tuple[int, str]] = ()


def merge_plain(session: Session, events: Iterable[DeliveryEvent]) -> Plain:
    """Merge the plain ones of some events into their messages.

    locks  those messages, in the order of their ids, until the caller commits
    """
    told = _told(events)
    if not told:
        return Plain()
    wamids = list(told)
    merged = save_plain(session, _columns(wamids, list(told.values())))
    return Plain(
        {wamids[each.place - 1] for each in merged},
        [each.message_id for each in merged if each.changed],
        [(each.message_id, told[wamids[each.place - 1]][_USER_ID]) for each in merged if each.met],
    )


def _told(events: Iterable[DeliveryEvent]) -> dict[str, list[Any]]:
    """By wamid the earliest sent, delivered and read, and the price; only wamids of which nothing else was told."""
    told: dict[str, list[Any]] = {}
    odd: set[str] = set()
    for event in events:
        row = told.get(event.wamid)
        if row is None:
            row = told[event.wamid] = [None] * 5
        status, at = event.status, event.occurred_at
        place = _SENT_AT if status is SENT else _DELIVERED_AT if status is DELIVERED else _READ_AT
        if row[place] is None or at < row[place]:
            row[place] = at
        price = (event.category, event.billable, event.pricing_model, event.pricing_type)
        if price != _NO_PRICE:
            if row[_PRICE] is None:
                row[_PRICE] = price
            elif row[_PRICE] != price:
                odd.add(event.wamid)
        if event.user_id is not None:
            if row[_USER_ID] not in (None, event.user_id):
                odd.add(event.wamid)
            row[_USER_ID] = event.user_id
        if place == _READ_AT and status is not READ:
            odd.add(event.wamid)
    for wamid in odd:
        del told[wamid]
    return told


def _columns(wamids: list[str], rows: list[list[Any]]) -> PlainReports:
    places: dict[_Price | None, int] = {None: 0}
    sent, delivered, read, prices, user_ids = zip(*rows, strict=True)
    price = [places.setdefault(each, len(places)) for each in prices]
    return PlainReports(wamids, sent, delivered, read, price, user_ids, [each for each in places if each is not None])
