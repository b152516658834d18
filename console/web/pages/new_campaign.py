"""`/campaigns/new`: a campaign, step by step. The draft saves itself, so that it can be left and found again."""

from nicegui import ui
from nicegui.element import Element

from campaign.access.drafts import drafts, find_draft, new_draft, throw_away
from campaign.access.roles import Act
from campaign.drafting.content import DraftContent
from campaign.drafting.making import launched, made_of, unmake
from campaign.errors import NotFound
from console.web.page import page
from console.web.parts import ErrorLine, button, confirmed, link, text
from console.web.visit import Visit
from console.web.wizard.launch_step import launch_step
from console.web.wizard.list_step import list_step
from console.web.wizard.message_step import message_step
from console.web.wizard.people_step import people_step
from console.web.wizard.state import STEPS, Wizard
from console.web.wizard.when_step import when_step

SCRIPT = "import('/look/upload.js')"
LARGEST_ID = 2**62

_BUILD = {
    "list": list_step, "message": message_step, "when": when_step, "people": people_step, "launch": launch_step,
}  # fmt: skip


@page("/campaigns/new", "wizard.title", Act.CREATE_CAMPAIGN)
async def new(visit: Visit) -> None:
    """Begin a draft, or go on with an empty one of one's own, and go to it."""
    mine = [draft for draft in await visit.read(drafts) if not draft.content and draft.saved_by == visit.actor.name]
    draft = mine[0] if mine else await visit.act(lambda sessions, by: new_draft(sessions, by, {}, now=visit.now()))
    if draft is not None:
        ui.navigate.to(f"/campaigns/new/{draft.id}")


@page("/campaigns/new/{id:int}", "wizard.title", Act.CREATE_CAMPAIGN)
async def go_on(visit: Visit) -> None:
    """One draft, at the step where it was left."""
    number = int(visit.path["id"])
    if number > LARGEST_ID:
        raise NotFound(visit.words("wizard.no_draft"))
    wizard = Wizard(visit, await visit.read(find_draft, number))
    ui.run_javascript(SCRIPT)
    if (campaign := await visit.read(launched, wizard.content)) is not None:
        text(visit.words("wizard.was_launched"), "p", "note")
        link(campaign.name, f"/campaigns/{campaign.id}", "button primary")()
        return
    await _Page(wizard).build()


class _Page:
    """The frame around the steps: where one is, what went wrong, whether it is saved."""

    def __init__(self, wizard: Wizard) -> None:
        self._wizard = wizard
        self._shown = False
        self._bar: Element

    async def build(self) -> None:
        """Everything."""
        wizard, words = self._wizard, self._wizard.words
        if wizard.saved_by != wizard.visit.actor.name:
            text(words("wizard.by_another", who=wizard.saved_by.partition(":")[2]), "p", "note")
        self._bar = ui.element("div")
        wizard.errors = ErrorLine()
        wizard.place = ui.element("div").classes("step").props('tabindex="-1"')
        with ui.element("div").classes("step-foot"):
            wizard.told = ui.element("div").props('aria-live="polite"').classes("grow")
            button(words("wizard.throw_away"), self._throw_away, kind="small")
        wizard.aside = ui.element("div")
        wizard.show = self.show
        step = wizard.content.step
        await self.show(step if step in STEPS else STEPS[0])

    async def show(self, step: str) -> None:
        """One step."""
        wizard = self._wizard
        wizard.watchers.clear()
        if wizard.content.made and await wizard.visit.read(made_of, wizard.content) is None:
            # Taken back elsewhere: whom it reaches is worked out anew.
            await wizard.change(made={})
        self._draw_bar(step)
        drawn = reachable(wizard.content)

        def redraw() -> None:
            nonlocal drawn
            if reachable(wizard.content) != drawn:
                drawn = reachable(wizard.content)
                self._draw_bar(step)

        wizard.watchers.append(redraw)
        wizard.place.clear()
        with wizard.place:
            await _BUILD[step](wizard)
        if self._shown:
            # Whatever was clicked may have gone with the step before.
            with wizard.aside:
                ui.run_javascript("window.scrollTo(0, 0); document.querySelector('.step').focus({preventScroll: true})")
        self._shown = True

    def _draw_bar(self, here: str) -> None:
        words, reached = self._wizard.words, reachable(self._wizard.content)
        self._bar.clear()
        with self._bar, ui.element("ol").classes("steps").props(f'aria-label="{words("wizard.steps")}"'):
            for number, step in enumerate(STEPS, start=1):
                state = "here" if step == here else "done" if number < STEPS.index(here) + 1 else ""
                with ui.element("li").classes(state):
                    field = ui.element("button").props('type="button"')
                    if step == here:
                        field.props('aria-current="step"')
                    if number > reached:
                        field.props("disabled")
                    field.on("click", lambda _, step=step: self._wizard.go(step))
                    with field:
                        text(str(number), "span", "number")
                        text(words(f"wizard.step_{step}"), "span", "name")

    async def _throw_away(self) -> None:
        wizard, words = self._wizard, self._wizard.words
        sure = await confirmed(
            words("wizard.throw_away"),
            words("wizard.throw_away_sure"),
            words("wizard.throw_away"),
            words("wizard.keep"),
        )
        if not sure:
            return
        if wizard.content.made and await wizard.act(lambda s, by: unmake(s, by, wizard.content), wizard.errors) is None:
            return
        await wizard.act(lambda sessions, by: throw_away(sessions, by, wizard.id), wizard.errors)
        ui.navigate.to("/")


def reachable(content: DraftContent) -> int:
    """How many steps can be opened: each needs what the ones before it ask for."""
    if not (content.upload or content.source == "contacts") or not content.name.strip():
        return 1
    if not (content.sender and content.template):
        return 2
    return 5 if content.made else 4
