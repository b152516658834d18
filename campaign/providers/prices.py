"""What a message costs, as statuses tell it. Pure. Source: platform.md D.3."""

from typing import Any

from campaign.providers.fields import word_of

Price = tuple[str | None, bool | None, str | None, str | None]
"""Category, whether it costs money, model and type, as far as the platform says so."""

NO_PRICE: Price = (None, None, None, None)

PRICE_FIELDS = ("category", "billable", "pricing_model", "type")

_BILLABLE = {"regular": True, "free_customer_service": False, "free_entry_point": False}


def price_of(category: Any, billable: Any, model: Any, kind: Any) -> Price:
    """The price that the fields of `pricing` tell, each of them None where it is missing."""
    if not isinstance(billable, bool):
        # `billable` is to go; the type says the same.
        billable = _BILLABLE.get(kind) if isinstance(kind, str) else None
    return _word(category), billable, _word(model), _word(kind)


def _word(value: Any) -> str | None:
    return word_of(value) if isinstance(value, str) else None
