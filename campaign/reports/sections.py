"""The lines of the summary, section by section. Pure.

Every section counts all messages of the campaign (rows that became none stand under `outcome` alone), so each adds up.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from campaign.audience.funnel import funnel
from campaign.costs.actual import FATES, CampaignCost, difference
from campaign.costs.countries import country_of
from campaign.replies.store import ReplyCount
from campaign.reports.csv_file import Cell
from campaign.reports.open_rows import OPEN_REASONS
from campaign.sending.error_table import rule_for
from campaign.variants.told import VariantView
from models.states import OPEN_STATES


class Line(NamedTuple):
    """One line: a number of messages, rows or people, their `share`, or a `value` with its unit."""

    section: str
    name: str
    detail: str | None = None
    number: int | None = None
    share: str | None = None
    value: Cell = None
    unit: str | None = None


COLUMNS = ("section", "name", "detail", "count", "share", "value", "unit")
MILESTONES = ("messages", "taken", "sent", "delivered", "read", "failed")
UNKNOWN_CLASS = "unknown"


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the summary tells.

    counted    rows of `store.figures`, by section
    refused    rejected rows by reason
    rows       rows uploaded
    times      seconds by percentile, for `delivered` and `read`
    templates  name and language by template id
    replied    people who answered
    opted_out  people who withdrew consent, by how
    variants   of the campaign, each with what became of it
    """

    name: str
    state: str
    reason: str | None
    at: datetime
    counted: Mapping[str, Sequence[Row[Any]]]
    refused: Mapping[str, int]
    rows: int
    cost: CampaignCost
    times: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    templates: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    replies: Sequence[ReplyCount] = ()
    replied: int = 0
    opted_out: Mapping[str, int] = field(default_factory=dict)
    variants: Sequence[VariantView] = ()

    @property
    def totals(self) -> Counter[str]:
        """Messages by milestone."""
        return _added(self.counted.get("outcome", ()))

    @property
    def open(self) -> int:
        """Messages that may still change."""
        return sum(row.messages for row in self.counted.get("outcome", ()) if row.state in OPEN_STATES)


def summary_lines(figures: Figures) -> Iterator[Line]:
    """Every line of the summary, in order."""
    of_list, of_messages = (_campaign, _audience, _outcomes), (_rates, _times, _countries, _templates, _errors, _hours)
    for section in (*of_list, *of_messages, _variants, _people, _cost, _checks):
        yield from section(figures)


def _campaign(figures: Figures) -> Iterator[Line]:
    yield Line("campaign", "name", value=figures.name)
    yield Line("campaign", "state", figures.reason, value=figures.state)
    yield Line("campaign", "written at", value=figures.at)
    if figures.open:
        yield Line("campaign", "snapshot", "messages that may still change", figures.open)


def _audience(figures: Figures) -> Iterator[Line]:
    """The funnel as it was when the list was read: what `campaign check` told then."""
    yield Line("audience", "rows", None, figures.rows, share_of(figures.rows, figures.rows))
    left = figures.rows
    for step in funnel(figures.rows, figures.refused, {}):
        ended = ", ".join(f"{count} {reason}" for reason, count in step.refused.items())
        yield Line("audience", step.name, ended or None, step.left, share_of(step.left, figures.rows))
        left = step.left
    yield Line("audience", "to be messaged", None, left, share_of(left, figures.rows))


def _outcomes(figures: Figures) -> Iterator[Line]:
    found = figures.counted.get("outcome", ())
    counts = [(row.state, row.reason or OPEN_REASONS.get(row.state), row.messages) for row in found]
    counts += [("refused", reason, count) for reason, count in figures.refused.items()]
    for state, reason, count in sorted(counts, key=lambda one: (one[0], -one[2], one[1] or "")):
        yield Line("outcome", state, reason, count, share_of(count, figures.rows))
    yield Line("outcome", "all", None, figures.rows, share_of(figures.rows, figures.rows))


RATES: Mapping[str, tuple[str, str]] = {
    "taken": ("messages", "taken by WhatsApp, of messages"),
    "sent": ("taken", "sent, of those taken"),
    "delivered": ("taken", "delivered, of those taken"),
    "read": ("delivered", "read, of those delivered"),
    "failed": ("messages", "failed or dropped, of messages"),
}
"""A milestone, what its rate is taken of, and that in words."""


def _rates(figures: Figures) -> Iterator[Line]:
    totals = figures.totals
    for milestone, (whole, words) in RATES.items():
        yield Line("rate", milestone, words, totals[milestone], share_of(totals[milestone], totals[whole]))
    people = {"replied": figures.replied, "opted out": sum(figures.opted_out.values())}
    for name, count in people.items():
        yield Line("rate", name, f"people who {name}, of those delivered", count, share_of(count, totals["delivered"]))


def _times(figures: Figures) -> Iterator[Line]:
    for name, by_percentile in figures.times.items():
        for percentile, seconds in by_percentile.items():
            yield Line("time", f"taken to {name}", f"p{percentile}", value=f"{seconds:.1f}", unit="s")


def _countries(figures: Figures) -> Iterator[Line]:
    yield from _grouped("country", figures, lambda row: country_of(row.phone))


def _templates(figures: Figures) -> Iterator[Line]:
    known = figures.templates
    yield from _grouped("template", figures, lambda row: " ".join(known.get(row.template_id, ("unknown",))))


def _variants(figures: Figures) -> Iterator[Line]:
    """For each variant its messages, and rates of those delivered."""
    for each in figures.variants:
        share = share_of(each.messages, figures.totals["messages"])
        yield Line("variant", each.name, "messages", each.messages, share, f"{each.template} {each.language}")
        yield Line("variant", each.name, "delivered", each.delivered, share_of(each.delivered, each.messages))
        for detail, count in (("read", each.read), ("replied", each.replied)):
            yield Line("variant", each.name, f"{detail}, of those delivered", count, share_of(count, each.delivered))


def _hours(figures: Figures) -> Iterator[Line]:
    hours = _by_name(figures, "hour", lambda row: f"{row.hour:%Y-%m-%dT%H:00Z}" if row.hour else "not taken")
    yield from _of_groups("hour", dict(sorted(hours.items())))


def _grouped(section: str, figures: Figures, name_of: Callable[[Row[Any]], str]) -> Iterator[Line]:
    groups = _by_name(figures, section, name_of)
    yield from _of_groups(section, dict(sorted(groups.items(), key=lambda item: (-item[1]["messages"], item[0]))))


def _by_name(figures: Figures, section: str, name_of: Callable[[Row[Any]], str]) -> dict[str, Counter[str]]:
    rows: dict[str, list[Row[Any]]] = {}
    for row in figures.counted.get(section, ()):
        rows.setdefault(name_of(row), []).append(row)
    return {name: _added(of_name) for name, of_name in rows.items()}


def _of_groups(section: str, groups: Mapping[str, Counter[str]]) -> Iterator[Line]:
    """For each group its messages and milestones; shares are of the group's own messages."""
    for name, counts in groups.items():
        for milestone in MILESTONES:
            yield Line(section, name, milestone, counts[milestone], share_of(counts[milestone], counts["messages"]))


def _errors(figures: Figures) -> Iterator[Line]:
    failed: Counter[str] = Counter()
    for row in figures.counted.get("error", ()):
        failed[_class_of(row.error_code)] += row.failed
    total = failed.total()
    for name, count in sorted(failed.items(), key=lambda item: (-item[1], item[0])):
        if count:
            yield Line("error class", name, None, count, share_of(count, total))


def _class_of(code: int | None) -> str:
    rule = rule_for(code, "") if code is not None else None
    return rule.action.value if rule else UNKNOWN_CLASS


def _people(figures: Figures) -> Iterator[Line]:
    for each in figures.replies:
        people = "1 person" if each.people == 1 else f"{each.people:,} people"
        yield Line("reply", each.kind, f"from {people}", each.replies)
    for how, count in figures.opted_out.items():
        yield Line("opt-out", how, "people", count, share_of(count, figures.totals["delivered"]))


def _cost(figures: Figures) -> Iterator[Line]:
    cost = figures.cost
    if not cost.has_card:
        yield Line("cost", "unknown", "no rate card was imported")
        return
    for charge in cost.charges:
        name = f"{charge.country} {charge.category}"
        if not charge.amounts:
            yield Line("cost", name, "no price on the rate card", charge.messages)
        yield from _money("cost", name, "charged", charge.amounts, charge.messages)
    yield from _money("cost", "planned", "had every message been delivered", cost.planned)
    for part in cost.parts:
        yield Line("cost", part.fate, FATES[part.fate], part.messages)
        for kind, count in part.types.items():
            yield Line("cost", part.fate, f"of pricing type {kind}", count)
        yield from _money("cost", part.fate, "difference to the plan", difference(part))
    yield from _money("cost", "all", "planned and the differences", cost.cost)
    if cost.unknown:
        yield Line("cost", "unknown", "messages without a price, in no sum", cost.unknown)
    if cost.by_conversation:
        yield Line("cost", "all", "charged messages priced by the conversation: at most", cost.by_conversation)


def _money(section: str, name: str, detail: str, sums: Mapping[str, Any], count: int | None = None) -> Iterator[Line]:
    for currency, amount in sorted(sums.items()):
        yield Line(section, name, detail, count, value=amount, unit=currency)


def _checks(figures: Figures) -> Iterator[Line]:
    """Whether what has to add up does, each with what is missing."""
    messages = figures.totals["messages"]
    refused = sum(figures.refused.values())
    yield _check("messages and refused rows are the rows uploaded", figures.rows - messages - refused)
    for section in ("country", "template", "hour", "error"):
        counted = _added(figures.counted.get(section, ()))["messages"]
        yield _check(f"messages by {section} are all messages", messages - counted)
    bill = sum(part.messages for part in figures.cost.parts)
    # Asked for a moment later: in a running campaign nothing is lost, but it need not be the same instant.
    yield _check("messages on the bill are all messages", messages - bill)


def _check(words: str, missing: int) -> Line:
    return Line("check", words, "missing", missing, value="no" if missing else "yes")


def _added(rows: Iterable[Row[Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        for milestone in MILESTONES:
            counts[milestone] += getattr(row, milestone)
    return counts


def share_of(part: int, whole: int) -> str:
    """A share with four decimals; of nothing it is nothing."""
    return f"{part / whole:.4f}" if whole else "0.0000"
