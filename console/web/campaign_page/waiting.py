"""What is still to come: retries with their times, and the plan day by day where it takes longer than one."""

from collections.abc import Sequence

from campaign.overview.campaigns import Waiting
from campaign.planning.days import Plan
from campaign.sending.error_table import Action
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence
from console.web.parts import card, moment
from console.web.pieces import listing
from console.web.texts import Words

KNOWN = frozenset({*(action.value for action in Action), "later"})
"""Reasons of waiting that have words of their own."""


class Retries:
    """Messages that wait for a later try; no card while there are none."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._part: Part[Sequence[Waiting]] = Part(self._draw)

    def show(self, waiting: Sequence[Waiting]) -> None:
        """Show what waits."""
        self._part.show(tuple(waiting))

    def _draw(self, waiting: Sequence[Waiting]) -> None:
        words = self._words
        if not waiting:
            return
        with card(words("campaign.retries")):
            headings = [words(f"campaign.retries_{name}") for name in ("why", "messages", "first", "last")]
            rows = [
                [
                    _reason(each.reason, words),
                    words.number(each.messages),
                    lambda at=each.first: moment(at, words),
                    lambda at=each.last: moment(at, words),
                ]
                for each in waiting
            ]
            listing(headings, rows, caption=words("campaign.retries"), empty="")


class Days:
    """The plan day by day; no card where it is done within a day."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._part: Part[Plan | None] = Part(self._draw)

    def show(self, plan: Plan | None) -> None:
        """Show the plan."""
        self._part.show(plan)

    def _draw(self, plan: Plan | None) -> None:
        words = self._words
        if plan is None:
            return
        with card(words("campaign.plan")):
            if plan.end is not None:
                sentence("campaign.plan_ends", {"at": plan.end, "days": len(plan.days)}, words)
            else:
                sentence("campaign.plan_no_end", {"messages": plan.left}, words)
            headings = [words(f"campaign.plan_{name}") for name in ("day", "messages", "limited_by")]
            rows = [
                [
                    day.day.isoformat(),
                    words.number(day.messages),
                    ", ".join(
                        words(f"campaign.bound_{cause.replace(' ', '_').replace('-', '_')}") for cause in day.limited_by
                    )
                    or "–",
                ]
                for day in plan.days
            ]
            listing(headings, rows, caption=words("campaign.plan"), empty="")


def _reason(reason: str, words: Words) -> str:
    return words(f"campaign.retry_{reason}") if reason in KNOWN else reason.replace("_", " ")
