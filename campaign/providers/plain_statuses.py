"""The ordinary body of a webhook, read the short way: one change of nothing but plain statuses. Pure.

Nine bodies in ten are of this shape, in which the platform says the same few words over and over. Whatever departs from
it in the least is left to `campaign.providers.events`, and both ways read the same out of a body.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from campaign.providers.base import DeliveryEvent, DeliveryStatus
from campaign.providers.fields import Odd, id_of, id_or_nothing, instant, list_of
from campaign.providers.known_fields import PRICING_FIELDS, STATUS_FIELDS
from campaign.providers.other_events import user_ids_of
from campaign.providers.prices import NO_PRICE, PRICE_FIELDS, Price, price_of

_ENVELOPE = frozenset({"messaging_product", "metadata", "contacts", "statuses"})

# Said over and over: each is understood once.
_instant = lru_cache(maxsize=4096)(instant)
_price = lru_cache(maxsize=256, typed=True)(price_of)


def plain_statuses(document: Mapping[str, Any], words: Mapping[str, DeliveryStatus]) -> list[DeliveryEvent] | None:
    """The statuses of a body that holds nothing else, or None where it has to be read the long way.

    words  what the platform calls each status; that of a failure is never plain
    """
    try:
        (entry,) = document["entry"]
        (change,) = entry["changes"]
        value = change["value"]
        statuses = value["statuses"]
        if change["field"] != "messages" or type(statuses) is not list or not _ENVELOPE.issuperset(value):
            return None
        user_ids = user_ids_of(list_of(value, "contacts")) if "contacts" in value else {}
        return [_plain(status, words, user_ids) for status in statuses]
    except (KeyError, TypeError, ValueError):
        return None


def _plain(status: dict[str, Any], words: Mapping[str, DeliveryStatus], user_ids: Mapping[str, str]) -> DeliveryEvent:
    word, at, callback = words[status["status"]], status["timestamp"], status.get("biz_opaque_callback_data")
    if word is DeliveryStatus.FAILED or type(at) is not str or not STATUS_FIELDS.issuperset(status):
        raise Odd("not plain")
    price = _price_in(status["pricing"]) if "pricing" in status else NO_PRICE
    who = status.get("recipient_user_id") or (user_ids.get(str(status.get("recipient_id"))) if user_ids else None)
    return DeliveryEvent(
        id_of(status["id"]),
        word,
        _instant(at),
        callback if type(callback) is str else None,
        None,
        None,
        *price,
        None if who is None else id_or_nothing(who),
    )


def _price_in(pricing: dict[str, Any]) -> Price:
    if type(pricing) is not dict or not PRICING_FIELDS.issuperset(pricing):
        raise Odd("not plain")
    return _price(*map(pricing.get, PRICE_FIELDS))
