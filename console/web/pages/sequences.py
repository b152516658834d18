"""`/sequences`: campaigns that follow one another for each person; and one of them, kept up to date."""

from nicegui import ui

from campaign.errors import NotFound
from campaign.sequences.views import PAGE, SequenceLine, SequenceView, lines, view_by_id
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence
from console.web.page import page
from console.web.pages.campaign import LARGEST_ID
from console.web.parts import card, chip, link, moment, text
from console.web.pieces import figures, listing
from console.web.sequence_page.acts import Acts
from console.web.sequence_page.steps import Steps
from console.web.texts import Words
from console.web.visit import Visit

REFRESH_S = 4.0
COLUMNS = ("name", "state", "steps", "people", "active", "launched")


@page("/sequences", "sequences.title")
async def sequences(visit: Visit) -> None:
    """The list, newest first."""
    words, before = visit.words, visit.query.get("before", "")
    text(words("sequences.hint"), "p", "hint")
    before_id = int(before) if before.isdecimal() and int(before) <= LARGEST_ID else None
    found = await visit.read(lines, before_id=before_id)
    listing(
        [words(f"sequences.{column}") for column in COLUMNS],
        [_row(line, words) for line in found],
        caption=words("sequences.title"),
        empty=words("sequences.empty"),
    )
    if len(found) == PAGE:
        ui.link(words("sequences.older"), f"/sequences?before={found[-1].id}").classes("button")
    text(words("sequences.how"), "p", "hint")


def _row(line: SequenceLine, words: Words) -> list[object]:
    return [
        link(line.name, f"/sequences/{line.id}", "strong"),
        lambda: chip(line.state, words),
        words.number(line.steps),
        words.number(line.people),
        words.number(line.active),
        lambda: moment(line.launched_at, words),
    ]


@page("/sequences/{id:int}", "sequences.one")
async def sequence(visit: Visit) -> None:
    """The sequence of an id."""
    id_ = int(visit.path["id"])
    if id_ > LARGEST_ID:
        raise NotFound(visit.words("sequences.gone"))
    await _Page(visit, id_).begin()


class _Page:
    """One sequence on the screen."""

    def __init__(self, visit: Visit, sequence_id: int) -> None:
        self._visit, self._id = visit, sequence_id

    async def begin(self) -> None:
        """Build the page.

        raises  NotFound
        """
        visit, words = self._visit, self._visit.words
        seen = await visit.read(view_by_id, self._id)
        visit.entitle(seen.name)
        ui.link(words("sequences.all"), "/sequences").classes("back")
        with card():
            self._standing = Part(self._draw_standing)
            self._acts = Acts(visit, self.refresh)
        self._figures = Part(self._draw_figures)
        self._steps = Steps(words)
        self._show(seen)
        ui.timer(REFRESH_S, self.refresh, immediate=False)

    async def refresh(self) -> None:
        """Look again."""
        self._show(await self._visit.read(view_by_id, self._id))

    def _show(self, seen: SequenceView) -> None:
        self._standing.show(seen)
        self._acts.show(seen)
        self._figures.show((seen.people, seen.active))
        self._steps.show(seen.steps)

    def _draw_standing(self, seen: SequenceView) -> None:
        words = self._visit.words
        asked = seen.state == "draft" and seen.asked_by is not None
        key = "sequences.told_asked" if asked else f"sequences.told_{seen.state}"
        values = {"active": seen.active, "people": seen.people, "who": (seen.asked_by or "").partition(":")[2]}
        with ui.element("div").classes("standing"):
            chip(seen.state, words)
            sentence(key, values, words, classes="telling").props('role="status"')
        if seen.state == "running" and seen.next_look is not None:
            sentence("sequences.next_look", {"at": seen.next_look}, words, classes="hint")

    def _draw_figures(self, shown: tuple[int, int]) -> None:
        people, active = shown
        words = self._visit.words
        with card():
            figures(
                [
                    (words("sequences.people"), words.number(people)),
                    (words("sequences.active"), words.number(active)),
                    (words("sequences.ended"), words.number(people - active)),
                ]
            )
