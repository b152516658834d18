"""How long a text may be once it is filled in. Pure. Source: platform.md B.3 (132005 otherwise).

Characters are counted as Unicode code points; the platform does not say how it counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaign.templates.slots import PLACEHOLDER, Part, parts_of

TEXT_LIMITS: Mapping[str, int] = {"header.text": 60, "body": 1024, "footer": 60, "limited_time_offer": 16}
"""Longest text of a kind of part when filled, characters."""
OFFER_BODY_LIMIT, CARD_BODY_LIMIT, URL_LIMIT = 600, 160, 2000

LABEL_LIMIT = 25
"""Longest label of a button, characters."""


@dataclass(frozen=True, slots=True)
class FilledLength:
    """The length of one text: `fixed` characters and those of its values, each as often as it is used."""

    part: Part
    fixed: int
    uses: Sequence[tuple[str, int]]
    limit: int

    def of(self, values: Mapping[str, str]) -> int:
        """Characters when filled; a slot without a value counts nothing."""
        length = self.fixed
        for key, times in self.uses:
            length += len(values.get(key, "")) * times
        return length


def lengths_of(components: Sequence[Mapping[str, Any]]) -> list[FilledLength]:
    """The lengths of all texts and addresses of a template that have a limit."""
    parts = list(parts_of(components))
    has_offer = any(part.kind == "limited_time_offer" for part in parts)
    limited = [(part, _limit(part, has_offer)) for part in parts]
    return [_length(part, limit) for part, limit in limited if limit is not None]


def text_of(part: Part) -> str:
    """The text or address of a part whose length is limited."""
    if part.kind == "limited_time_offer":
        offer = part.spec.get("limited_time_offer")
        return str(offer.get("text", "")) if isinstance(offer, Mapping) else ""
    return str(part.spec.get("url", "")) if part.kind == "button.url" else part.text


def _limit(part: Part, has_offer: bool) -> int | None:
    if part.kind == "body" and part.card is not None:
        return CARD_BODY_LIMIT
    if part.kind == "body" and has_offer:
        return OFFER_BODY_LIMIT
    return URL_LIMIT if part.kind == "button.url" else TEXT_LIMITS.get(part.kind)


def _length(part: Part, limit: int) -> FilledLength:
    text = text_of(part)
    names = PLACEHOLDER.findall(text)
    # An address has one variable, which is the slot of its button, whatever it is called.
    keys = [part.where if part.kind == "button.url" else f"{part.where}.{name}" for name in names]
    uses = [(key, keys.count(key)) for key in dict.fromkeys(keys)]
    return FilledLength(part, len(PLACEHOLDER.sub("", text)), uses, limit)
