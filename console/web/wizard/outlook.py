"""What a launch would do, in sentences: how long, which days, the messaging limit, the cost. Pure."""

from datetime import timedelta

from campaign.check import TierUse
from campaign.costs.forecast import CostForecast
from campaign.costs.money import money_words
from campaign.drafting.content import DraftContent
from campaign.drafting.flight import PreFlight
from campaign.planning.ceiling import MESSAGING_LIMIT, WARM_UP
from campaign.planning.days import RATE, SPREAD, WINDOW, Plan
from campaign.scheduling.zones import local_time
from console.web.texts import Words

SHOWN_DAYS = 31
_LIMITS = {RATE: "rate", WINDOW: "window", SPREAD: "spread", MESSAGING_LIMIT: "limit", WARM_UP: "warm_up"}


def outlook(found: PreFlight, content: DraftContent, words: Words) -> str:
    """One paragraph: to how many, from where, in which template, how long, from when to when."""
    forecast, zone = found.forecast, content.zone or "UTC"
    said = [
        words(
            "wizard.outlook_who", count=words.number(forecast.to_message), sender=found.sender.name,
            template=found.template.name, language=found.template.language,
        )
    ]  # fmt: skip
    if not forecast.to_message:
        return said[0]
    if found.campaign.canary:
        people, wait = found.campaign.canary["people"], timedelta(seconds=found.campaign.canary["wait_s"])
        said.append(words("wizard.outlook_canary", people=words.number(people), wait=span(wait, words)))
    said.append(words("wizard.outlook_rate", rate=words.number(forecast.rate_mps), span=span(forecast.duration, words)))
    plan = forecast.plan
    if plan.start is not None and plan.end is not None:
        first, last = (f"{local_time(at, zone):%Y-%m-%d %H:%M}" for at in (plan.start, plan.end))
        key = "wizard.outlook_minute" if first == last else "wizard.outlook_times"
        said.append(words(key, first=first, last=last, zone=zone))
    return " ".join(said)


def tier_words(tier: TierUse, words: Words) -> str:
    """What it takes of the messaging limit."""
    if tier.limit is None:
        return words("wizard.tier_none")
    left = max(0, tier.limit - tier.used)
    return words(
        "wizard.tier", needed=words.number(tier.needed), left=words.number(left), limit=words.number(tier.limit)
    )


def cost_lines(cost: CostForecast, words: Words) -> list[str]:
    """What it costs at most, as far as the rate card tells."""
    if not cost.lines:
        return []
    if not cost.has_card:
        return [words("wizard.cost_unknown")]
    said = [words("wizard.cost", money=money_words(cost.total))] if cost.total else []
    if cost.free:
        said.append(words("wizard.cost_free", count=words.number(cost.free)))
    if cost.unknown:
        said.append(words("wizard.cost_no_price", count=words.number(cost.unknown)))
    return said


def plan_rows(plan: Plan, words: Words) -> list[list[str]]:
    """The days of a plan, and one line for those beyond a month."""
    rows = [
        [f"{day.day:%Y-%m-%d}", words.number(day.messages), ", ".join(_limit(each, words) for each in day.limited_by)]
        for day in plan.days[:SHOWN_DAYS]
    ]
    if more := plan.days[SHOWN_DAYS:]:
        total = words.number(sum(day.messages for day in more))
        rows.append([words("wizard.more_days", count=len(more)), total, ""])
    return rows


def coded(words: Words, key: str, otherwise: str) -> str:
    """The words for a code; a code that has none is shown as the domain tells it."""
    try:
        return words(key)
    except KeyError:
        return otherwise


def span(length: timedelta, words: Words) -> str:
    """A length of time as one says it."""
    seconds = length.total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return words(f"wizard.span_{unit}", count=words.number(round(seconds / size)))
    return words("wizard.span_seconds", count=words.number(max(1, round(seconds))))


def _limit(cause: str, words: Words) -> str:
    return coded(words, f"wizard.limit_{_LIMITS.get(cause)}", cause)
