"""What people answered, and what it has cost."""

from nicegui import ui

from campaign.costs.actual import CampaignCost, campaign_cost
from campaign.costs.money import money_words
from campaign.lifecycle import find_campaign
from campaign.overview.glance import Glance
from campaign.replies.store import Replied
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence, share
from console.web.parts import ErrorLine, button, card, table, text
from console.web.visit import Visit
from models.states import MessageState

COST_EVERY_S = 15.0
"""How often the cost of a small campaign is worked out again."""


class Answers:
    """People who answered, and who opted out."""

    def __init__(self, visit: Visit) -> None:
        self._words = visit.words
        with card(self._words("campaign.answers")):
            self._part = Part(self._draw)

    def show(self, replied: Replied, seen: Glance) -> None:
        """Show how many."""
        self._part.show((replied, seen.count(MessageState.DELIVERED, MessageState.READ)))

    def _draw(self, shown: tuple[Replied, int]) -> None:
        (replied, arrived), words = shown, self._words
        if not replied.replies and not replied.opted_out:
            text(words("campaign.answers_none"), "p", "soft")
            return
        with ui.element("div").classes("figures"):
            for name, people in (("replied", replied.people), ("opted_out", replied.opted_out)):
                with ui.element("div").classes("figure"):
                    text(words.number(people), "div", "value")
                    text(f"{words(f'campaign.answers_{name}')} · {share(people, arrived, words)}", "div", "label")
        sentence("campaign.answers_all", {"replies": replied.replies}, words, classes="hint")


class Cost:
    """What was charged. Worked out by itself for a small campaign, on demand for a large one, which takes a while."""

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit, self._name = visit, name
        self._looked_at: float | None = None
        with card(visit.words("campaign.cost")):
            self._part: Part[CampaignCost | None] = Part(self._draw)
            self._errors = ErrorLine()
            self._ask = button(visit.words("campaign.cost_ask"), self.work_out, kind="small")

    async def show(self, seen: Glance) -> None:
        """Work it out again when it is time."""
        self._ask.set_visibility(not seen.exact and seen.line.launched_at is not None)
        at = seen.looked_at.timestamp()
        due = self._looked_at is None or at - self._looked_at >= COST_EVERY_S
        if seen.exact and due:
            self._looked_at = at
            await self.work_out()
        elif seen.line.launched_at is None:
            self._part.show(None)

    async def work_out(self) -> None:
        """Work it out now."""
        self._ask.props(add="loading")
        found = await self._visit.read(lambda session: campaign_cost(session, find_campaign(session, self._name)))
        self._ask.props(remove="loading")
        self._part.show(found)

    def _draw(self, cost: CampaignCost | None) -> None:
        words = self._visit.words
        if cost is None:
            text(words("campaign.cost_none"), "p", "soft")
        elif not cost.has_card:
            text(words("campaign.cost_no_card"), "p", "soft")
        else:
            with ui.element("div").classes("figure"):
                text(money_words(cost.cost) if cost.cost else "0", "div", "value")
                text(words("campaign.cost_planned", planned=money_words(cost.planned)), "div", "label")
            rows = [
                [words(f"campaign.fate_{part.fate}"), words.number(part.messages), money_words(part.cost)
                 if part.cost else "–"]
                for part in cost.parts
            ]  # fmt: skip
            headings = [words(f"campaign.cost_{name}") for name in ("fate", "messages", "amount")]
            table(headings, rows, caption=words("campaign.cost"), empty="")
            if cost.unknown:
                sentence("campaign.cost_unknown", {"messages": cost.unknown}, words, classes="hint")
