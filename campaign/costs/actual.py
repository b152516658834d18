"""What a campaign has cost by the platform's own word, and why that differs from all of it being delivered.

The parts of the difference add up: every message stands in exactly one of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal

from sqlalchemy.orm import Session

from campaign.costs import store
from campaign.costs.countries import country_of
from campaign.costs.money import Sums, added, money_words
from campaign.costs.rate_card import Money, RateCard, load_card
from models.campaign import Campaign

FATES: Mapping[str, str] = {
    "charged": "delivered and charged",
    "unsaid": "delivered, and the platform has not said whether they are charged: taken as charged",
    "free": "delivered and free by the platform's word",
    "undelivered": "not delivered, so not charged",
    "withheld": "withheld before they were sent",
    "open": "not decided yet",
}
"""What became of messages, as far as it matters to the bill, in words."""

CHARGED = frozenset({"charged", "unsaid"})


TYPES: Mapping[str, str] = {
    "regular": "regular",
    "free_customer_service": "in an open service window",
    "free_entry_point": "after an ad or a call to action",
}
"""The platform's pricing types, in words. Source: platform.md D.3."""

BY_CONVERSATION = "CBP"
"""The pricing model in which one price stood for all messages of a conversation. Source: platform.md 0.2."""


@dataclass(frozen=True, slots=True)
class Part:
    """Messages of one fate: what they were to cost by the plan, and what they do cost; by currency.

    types  how many of them by the platform's pricing type, the most frequent first; of the others it has not said
    """

    fate: str
    messages: int
    planned: Mapping[str, Decimal]
    cost: Mapping[str, Decimal]
    types: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charge:
    """Charged messages to one country in one category of the platform's, and what they cost; empty: no price known."""

    country: str
    category: str
    messages: int
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CampaignCost:
    """What a campaign cost.

    planned  every message at the price of its template's category on the day of the launch
    cost     every charged message at the price of the platform's category on the day of its delivery
    parts    the messages by fate; their sums are `planned` and `cost`
    unknown  messages whose price the rate card does not tell, by plan or on delivery; they are in no sum
    by_conversation  charged messages that the platform priced by the conversation: their cost is at most what is told
    """

    planned: Sums
    cost: Sums
    parts: Sequence[Part]
    charges: Sequence[Charge]
    unknown: int
    has_card: bool
    by_conversation: int = 0


def campaign_cost(session: Session, campaign: Campaign) -> CampaignCost:
    """What the messages of a campaign have cost so far. Source: platform.md G.4."""
    started_at = campaign.launched_at or campaign.created_at
    return cost_of(store.billed(session, campaign.id), load_card(session), started_at.astimezone(UTC).date())


def cost_of(billed: Sequence[store.Billed], card: RateCard, launch_day: date) -> CampaignCost:
    """The same from counted messages. Pure."""
    bill = _Bill(card, launch_day)
    for each in billed:
        bill.add(each, country_of(each.phone))
    return bill.result()


class _Bill:
    """Adds counted messages up."""

    def __init__(self, card: RateCard, launch_day: date) -> None:
        self._card, self._launch_day = card, launch_day
        self._messages, self._unknown = Counter[str](), 0
        self._planned: dict[str, Sums] = {fate: {} for fate in FATES}
        self._cost: dict[str, Sums] = {fate: {} for fate in FATES}
        self._charged: dict[tuple[str, str], int] = {}
        self._charges: dict[tuple[str, str], Sums] = {}
        self._types: dict[str, Counter[str]] = {fate: Counter() for fate in FATES}
        self._by_conversation = 0

    def add(self, each: store.Billed, country: str) -> None:
        self._messages[each.fate] += each.messages
        if each.kind is not None:
            self._types[each.fate][each.kind] += each.messages
        if each.fate in CHARGED and each.model == BY_CONVERSATION:
            self._by_conversation += each.messages
        planned = self._card.price(country, each.planned, self._launch_day)
        charged = self._charge(each, country) if each.fate in CHARGED else None
        if planned is None or (each.fate in CHARGED and charged is None):
            self._unknown += each.messages
            return
        _add(self._planned[each.fate], planned, each.messages)
        if charged is not None:
            _add(self._cost[each.fate], charged, each.messages)

    def _charge(self, each: store.Billed, country: str) -> Money | None:
        key = country, each.billed or each.planned
        price = self._card.price(*key, each.day or self._launch_day)
        self._charged[key] = self._charged.get(key, 0) + each.messages
        if price is not None:
            _add(self._charges.setdefault(key, {}), price, each.messages)
        return price

    def result(self) -> CampaignCost:
        parts = [
            Part(
                fate, self._messages[fate], self._planned[fate], self._cost[fate], dict(self._types[fate].most_common())
            )
            for fate in FATES
            if self._messages[fate]
        ]
        most_first = sorted(self._charged.items(), key=lambda item: (-item[1], item[0]))
        charges = [Charge(*key, count, self._charges.get(key, {})) for key, count in most_first]
        planned, cost = added(self._planned.values()), added(self._cost.values())
        return CampaignCost(planned, cost, parts, charges, self._unknown, bool(self._card), self._by_conversation)


def _add(sums: Sums, price: Money, messages: int) -> None:
    sums[price.currency] = sums.get(price.currency, Decimal(0)) + price.amount * messages


def explanation(found: CampaignCost) -> list[str]:
    """Why the cost differs from the plan, in sentences that add up."""
    if not found.has_card:
        return ["No rate card was imported, so no cost is known; see campaign costs import."]
    said = [f"Had every message been delivered at the prices of the launch: {money_words(found.planned)}."]
    for part in found.parts:
        change = difference(part)
        words = money_words(change, signed=True) if change else "as planned"
        said.append(f"{part.messages:,} {FATES[part.fate]}{_types_words(part)}: {words}.")
    said.append(f"Cost: {money_words(found.cost)}.")
    if found.unknown:
        said.append(f"The price of {found.unknown:,} messages is not on the rate card; they are in no sum.")
    if found.by_conversation:
        said.append(
            f"{found.by_conversation:,} charged messages were priced by the conversation, where one price stands for "
            f"several messages: they cost at most what is told here."
        )
    return said


def _types_words(part: Part) -> str:
    """` (3 in an open service window, 1 after an ad …)` where the platform said why messages are free, else nothing."""
    if part.fate != "free" or not part.types:
        return ""
    return " (" + ", ".join(f"{count:,} {TYPES.get(kind, kind)}" for kind, count in part.types.items()) + ")"


def difference(part: Part) -> Sums:
    """What messages of one fate cost more than planned, or less where below zero, by currency; no zeros."""
    less = {currency: -amount for currency, amount in part.planned.items()}
    return {currency: amount for currency, amount in added([less, dict(part.cost)]).items() if amount}
