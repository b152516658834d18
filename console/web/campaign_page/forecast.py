"""Before the launch: what would happen, so that whoever launches or approves knows it."""

from nicegui import ui

from campaign.check import Forecast, forecast
from campaign.costs.money import money_words
from campaign.overview.glance import Glance
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence
from console.web.parts import card, text
from console.web.visit import Visit
from models.states import CampaignState


class Before:
    """The forecast of a draft; no card once it was launched."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._part: Part[Forecast | None] = Part(self._draw)
        self._known = False

    async def show(self, seen: Glance) -> None:
        """Work it out once, while it is a draft."""
        if seen.line.state != CampaignState.DRAFT:
            self._part.show(None)
        elif not self._known:
            self._known = True
            settings = self._visit.door.settings
            found = await self._visit.read(forecast, seen.line.name, now=seen.looked_at, settings=settings)
            self._part.show(found)

    def _draw(self, found: Forecast | None) -> None:
        words = self._visit.words
        if found is None:
            return
        with card(words("campaign.before")):
            sentence("campaign.before_people", {"messages": found.to_message, "rows": found.rows}, words)
            if found.plan.end is not None and found.plan.start is not None:
                values = {"span": found.duration, "start": found.plan.start, "end": found.plan.end}
                sentence("campaign.before_time", values, words)
            elif found.plan.left:
                sentence("campaign.plan_no_end", {"messages": found.plan.left}, words, classes="warning")
            if found.tier.limit is not None:
                values = {"limit": found.tier.limit, "used": found.tier.used, "needed": found.tier.needed}
                sentence("campaign.before_tier", values, words)
            if found.cost.total:
                text(words("campaign.before_cost", cost=money_words(found.cost.total)), "p")
            with ui.element("ul").classes("bullets"):
                for risk in found.holding_risks:
                    text(words.said(risk), "li")
                for warning in found.list_warnings:
                    text(words.said(warning), "li")
                for finding in found.findings:
                    text(words.said(finding.text), "li")
