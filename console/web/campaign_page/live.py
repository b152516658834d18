"""The page of one campaign put together, and kept up to date while one looks."""

from datetime import datetime, timedelta

import structlog
from nicegui import ui
from sqlalchemy.exc import DBAPIError

from campaign.errors import NotFound
from campaign.overview.details import Details, details
from campaign.overview.glance import Glance, glance
from campaign.overview.list_file import ListFile, list_file
from campaign.variants.told import compare
from console.stores.pace import effective_rate
from console.web.campaign_page.acts import Acts
from console.web.campaign_page.answers import Answers, Cost
from console.web.campaign_page.counts import Figures, Funnel, States
from console.web.campaign_page.course import Chart
from console.web.campaign_page.doubts import DoubtsCard
from console.web.campaign_page.downloads import draw_downloads
from console.web.campaign_page.forecast import Before
from console.web.campaign_page.header import Header
from console.web.campaign_page.holds import CanaryWatch, HoldWatch
from console.web.campaign_page.moving import Moving
from console.web.campaign_page.pace import Rates
from console.web.campaign_page.recipients import Recipients
from console.web.campaign_page.troubles import Troubles
from console.web.campaign_page.variants import VariantsCard
from console.web.campaign_page.waiting import Days, Retries
from console.web.parts import ErrorLine
from console.web.visit import Visit

log = structlog.get_logger(__name__)

GLANCE_S = 2.0
DETAILS_EVERY = timedelta(seconds=4)
COSTLY = 20
"""Details are looked up again after so many times what they took, so that looking never takes more than a twentieth."""


class LivePage:
    """One campaign on the screen."""

    def __init__(self, visit: Visit, campaign_id: int) -> None:
        self._visit, self._id = visit, campaign_id
        self._details_due: datetime | None = None
        self._looking = False

    async def begin(self) -> None:
        """Build the page: at once what one look gives, and what stands behind it as soon as the browser is there.

        raises  NotFound
        """
        seen = await self._glance()
        self._visit.entitle(seen.line.name)
        kept = await self._visit.read(list_file, self._visit.door.settings, seen.line.name)
        self._build(seen, kept)
        self._show(seen)
        ui.timer(GLANCE_S, self.refresh)

    async def refresh(self) -> None:
        """Look again. What cannot be read now is said, and what is on the screen stays."""
        if self._looking:
            return
        self._looking = True
        try:
            seen = await self._glance()
            self._show(seen)
            if self._details_due is None or self._visit.now() >= self._details_due:
                await self._show_details(seen)
                await self._recipients.refresh()
            self._away.clear_text()
        except NotFound:
            self._away.show(self._visit.words("campaign.gone"))
        except DBAPIError as error:
            log.warning("campaign page not refreshed", error=type(error).__name__)
            self._away.show(self._visit.words("campaign.away"))
        finally:
            self._looking = False

    async def _again(self) -> None:
        """Everything anew, since somebody has just changed it."""
        self._details_due = None
        await self.refresh()

    async def _glance(self) -> Glance:
        share = self._visit.door.share
        return await self._visit.read(
            glance, self._id, now=self._visit.now(), effective=lambda sender: effective_rate(sender, share)
        )

    def _build(self, seen: Glance, kept: ListFile | None) -> None:
        visit, words, name = self._visit, self._visit.words, seen.line.name
        self._away = ErrorLine()
        ui.link(words("campaign.all"), "/").classes("back")
        with ui.element("section").classes("card"):
            self._header = Header(words)
            self._acts = Acts(visit, self._again, self._move)
        self._moving = Moving(visit, self._again)
        self._figures = Figures(words)
        self._before = Before(visit)
        with ui.element("div").classes("attention"):
            self._holds, self._canary = HoldWatch(words), CanaryWatch(words)
            self._doubts = DoubtsCard(visit, self._again)
        with ui.element("div").classes("cards two"):
            self._states = States(words, self._look_into)
            self._rates = Rates(words)
        self._variants = VariantsCard(words)
        self._chart = Chart(words)
        self._retries, self._days = Retries(words), Days(words)
        self._troubles = Troubles(words, self._look_into)
        self._funnel = Funnel(words, self._look_into)
        with ui.element("div").classes("cards two"):
            self._answers, self._cost = Answers(visit), Cost(visit, name)
        self._recipients = Recipients(visit, name)
        draw_downloads(self._id, words, kept)

    def _show(self, seen: Glance) -> None:
        self._seen = seen
        for part in (self._header, self._acts, self._figures, self._states, self._rates):
            part.show(seen)

    async def _show_details(self, seen: Glance) -> None:
        began = self._visit.now()
        await self._before.show(seen)
        found: Details = await self._visit.read(details, seen, self._visit.door.settings)
        self._holds.show(found.holds)
        self._canary.show(found.canary)
        self._doubts.show(found.doubts)
        self._rates.show_limits(found.limits, seen)
        self._chart.show(found.course)
        self._retries.show(found.waiting)
        self._days.show(found.plan)
        self._troubles.show(found.troubles)
        self._funnel.show(found.steps, seen.line.rows)
        self._answers.show(found.replied, seen)
        await self._cost.show(seen)
        self._variants.show(await self._visit.read(compare, seen.line.name))
        took = self._visit.now() - began
        self._details_due = self._visit.now() + max(took * COSTLY, DETAILS_EVERY)

    async def _move(self) -> None:
        await self._moving.open(self._seen)

    async def _look_into(self, state: str) -> None:
        await self._recipients.look_into(state)
