"""What the messages of a campaign that are still to be sent would cost, if every one of them were delivered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from campaign.costs import store
from campaign.costs.countries import country_of
from campaign.costs.money import amount_words, money_words
from campaign.costs.rate_card import RateCard, load_card
from models.campaign import Campaign

UTILITY_FREE_IN_WINDOW = (date(2025, 7, 1), date(2026, 9, 30))
"""First and last day on which utility templates in an open service window cost nothing. Source: platform.md G.4."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """Messages to one country in one category. `price` None: not on the rate card. `free`: in open windows."""

    country: str
    category: str
    messages: int
    free: int
    price: Decimal | None
    currency: str | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class CostForecast:
    """The most that a launch would cost: only what is delivered is charged. Source: platform.md G.4.

    total        by currency
    unknown      messages whose price the rate card does not tell; they are not in the total
    free         messages that cost nothing, in open service windows
    has_card     whether there is a rate card at all
    """

    total: dict[str, Decimal] = field(default_factory=dict)
    unknown: int = 0
    free: int = 0
    has_card: bool = False
    lines: Sequence[CostLine] = ()


def forecast_cost(session: Session, campaign: Campaign, now: datetime) -> CostForecast:
    """What the messages that would leave now cost at most.

    source  platform.md G.4; entry points by an ad are not known beforehand, so nothing is taken as free for them
    """
    day = now.astimezone(UTC).date()
    first, last = UTILITY_FREE_IN_WINDOW
    sent = store.to_send(session, campaign.id, campaign.category, now, first <= day <= last)
    return cost_of(sent, load_card(session), day)


def cost_of(sent: Sequence[store.ToSend], card: RateCard, day: date) -> CostForecast:
    """The cost of messages that are all delivered on a day. Pure."""
    messages, free = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for each in sent:
        key = country_of(each.phone), each.category
        messages[key] += each.messages
        free[key] += each.messages if each.window_open else 0
    lines = [_line(key, count, free[key], card, day) for key, count in messages.most_common()]
    total: dict[str, Decimal] = {}
    for line in lines:
        if line.currency is not None and line.amount is not None:
            total[line.currency] = total.get(line.currency, Decimal(0)) + line.amount
    unknown = sum(line.messages - line.free for line in lines if line.price is None)
    return CostForecast(total, unknown, sum(free.values()), bool(card), lines)


def _line(key: tuple[str, str], count: int, free: int, card: RateCard, day: date) -> CostLine:
    money = card.price(*key, day)
    if money is None:
        return CostLine(*key, count, free, None, None, None)
    return CostLine(*key, count, free, money.amount, money.currency, money.amount * (count - free))


def cost_words(found: CostForecast) -> list[str]:
    """The forecast in sentences."""
    if not found.lines:
        return []
    if not found.has_card:
        return ["What it costs is unknown: there is no rate card; see campaign costs import."]
    said = []
    if found.total:
        said.append(f"It costs at most {money_words(found.total)}: that is with every message delivered.")
    said += [f"  {_priced(line)}" for line in found.lines]
    if found.free:
        said.append(f"{found.free:,} cost nothing: utility messages in an open service window.")
    if found.unknown:
        said.append(f"The price of {found.unknown:,} messages is not on the rate card; they are in no sum.")
    return said


def _priced(line: CostLine) -> str:
    what = f"{line.country} {line.category}"
    if line.price is None or line.amount is None:
        return f"{what}: {line.messages:,}, price unknown"
    free = f" ({line.free:,} free)" if line.free else ""
    of_currency = f"{amount_words(line.price)} {line.currency}"
    return f"{what}: {line.messages:,}{free} at {of_currency} is {amount_words(line.amount)} {line.currency}"
