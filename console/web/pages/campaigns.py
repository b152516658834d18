"""`/`: every campaign, newest first, with how far it got; kept up to date while one looks."""

from collections.abc import Sequence

from nicegui import ui

from campaign.access.roles import Act
from campaign.overview.campaigns import PAGE, CampaignLine, list_campaigns
from console.web.desk.practice import first_number
from console.web.page import page
from console.web.parts import chip, link, moment
from console.web.pieces import listing
from console.web.texts import Words
from console.web.visit import Visit
from console.web.wizard.drafts_list import drafts_list

REFRESH_S = 3.0


@page("/", "campaigns.title")
async def campaigns(visit: Visit) -> None:
    """The list."""
    words, before = visit.words, visit.query.get("before", "")
    shown = _List(visit, int(before) if before.isdecimal() else None)
    with ui.element("div").classes("bar"):
        search = ui.input(words("campaigns.search"), on_change=shown.refresh)
        search.props("outlined dense clearable debounce=300").classes("grow")
        if visit.actor.may(Act.CREATE_CAMPAIGN):
            ui.link(words("campaigns.new"), "/campaigns/new").classes("button primary")
    await first_number(visit)
    await drafts_list(visit)
    shown.search = search
    shown.place = ui.element("div")
    await shown.refresh()
    ui.timer(REFRESH_S, shown.refresh, immediate=False)


class _List:
    """The list as it is shown; drawn again only when something changed."""

    search: ui.input
    place: ui.element

    def __init__(self, visit: Visit, before_id: int | None) -> None:
        self._visit, self._before_id = visit, before_id
        self._last: Sequence[CampaignLine] | None = None

    async def refresh(self) -> None:
        """Look again."""
        looking_for = (self.search.value or "").strip()
        found = await self._visit.read(list_campaigns, search=looking_for, before_id=self._before_id)
        if found == self._last:
            return
        self._last = found
        self.place.clear()
        words = self._visit.words
        with self.place:
            listing(
                [words(f"campaigns.{column}") for column in _COLUMNS],
                [_row(line, words) for line in found],
                caption=words("campaigns.title"),
                empty=words("campaigns.none_found" if looking_for else "campaigns.empty"),
            )
            if len(found) == PAGE:
                ui.link(words("campaigns.older"), f"/?before={found[-1].id}").classes("button")


_COLUMNS = ("name", "state", "template", "rows", "delivered", "read", "failed", "launched")


def _row(line: CampaignLine, words: Words) -> list[object]:
    counts = line.counts
    read = counts.get("read", 0)
    return [
        link(line.name, f"/campaigns/{line.id}", "strong"),
        lambda: chip(line.state, words),
        f"{line.template} ({line.language})",
        words.number(line.rows),
        words.number(counts.get("delivered", 0) + read),
        words.number(read),
        words.number(counts.get("failed", 0) + counts.get("dropped", 0) + counts.get("expired", 0)),
        lambda: moment(line.launched_at, words),
    ]
