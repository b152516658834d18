"""The counts: rows to messages, messages by state. They add up, and each can be looked into."""

from collections.abc import Callable, Sequence

from nicegui import ui

from campaign.audience.funnel import Step
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.overview.glance import Glance
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence, share
from console.web.parts import button, card, text
from console.web.texts import Words
from models.states import MessageState

S = MessageState
FIGURES: Sequence[tuple[str, Sequence[MessageState]]] = (
    ("waiting", (S.QUEUED, S.SENDING, S.UNCERTAIN)),
    ("with_platform", (S.ACCEPTED, S.HELD, S.SENT)),
    ("delivered", (S.DELIVERED, S.READ)),
    ("read", (S.READ,)),
    ("not_delivered", (S.FAILED, S.DROPPED, S.EXPIRED)),
)
"""The large figures: the states that are counted in each. Who has read it stands under delivered too."""


class Figures:
    """The five numbers that one looks for first."""

    def __init__(self, words: Words) -> None:
        self._words = words
        with ui.element("div").classes("figures card"):
            self._values = {name: self._figure(name) for name, _ in FIGURES}

    def show(self, seen: Glance) -> None:
        """Show the present numbers."""
        for name, states in FIGURES:
            value, part = self._values[name]
            count = seen.count(*states)
            value.set_content(self._words.number(count))
            part.set_content(share(count, seen.messages, self._words))

    def _figure(self, name: str) -> tuple[ui.html, ui.html]:
        with ui.element("div").classes("figure"):
            text(self._words(f"campaign.figure_{name}"), "div", "label")
            with ui.element("div"):
                return text("", "span", "value"), text("", "span", "part soft")


class States:
    """Messages by state. `look_into` shows the recipients of one state."""

    def __init__(self, words: Words, look_into: Callable[[str], object]) -> None:
        self._words, self._look_into = words, look_into
        with card(words("campaign.states")):
            self._sum = Part(self._draw_sum)
            with ui.element("ul").classes("funnel"):
                self._rows = {state: self._row(state) for state in MessageState}

    def show(self, seen: Glance) -> None:
        """Show the present counts; states without messages stay away."""
        self._sum.show((seen.line.rows, seen.line.refused, seen.messages))
        for state, (row, number, fill) in self._rows.items():
            count = seen.count(state)
            row.set_visibility(bool(count))
            number.set_content(self._words.number(count))
            fill.style(f"width: {100 * count / max(seen.messages, 1):.2f}%")

    def _draw_sum(self, numbers: tuple[int, int, int]) -> None:
        rows, refused, messages = numbers
        values = {"rows": rows, "refused": refused, "messages": messages}
        sentence("campaign.adds_up", values, self._words, classes="hint")

    def _row(self, state: MessageState) -> tuple[ui.element, ui.html, ui.element]:
        with ui.element("li") as row:
            name = self._words.state(state)
            button(name, lambda: self._look_into(state.value), kind="link")
            with ui.element("div").classes("track").props('aria-hidden="true"'):
                fill = ui.element("div").classes(f"fill state-{state.value}")
            number = text("", "span", "number")
        return row, number, fill


class Funnel:
    """From the rows of the list to messages, with the reasons for which rows were refused."""

    def __init__(self, words: Words, look_into: Callable[[str], object]) -> None:
        self._words, self._look_into = words, look_into
        self._part = Part(self._draw)

    def show(self, steps: Sequence[Step], rows: int) -> None:
        """Show the steps at which rows were lost."""
        self._part.show((rows, tuple(step for step in steps if step.refused)))

    def _draw(self, shown: tuple[int, Sequence[Step]]) -> None:
        rows, steps = shown
        with card(self._words("campaign.funnel")):
            if not steps:
                sentence("campaign.all_rows", {"rows": rows}, self._words)
                return
            with ui.element("ul").classes("funnel"):
                bar(self._words("campaign.step_rows"), rows, rows, self._words)
                for step in steps:
                    with bar(self._words(f"campaign.step_{step.name.replace(' ', '_')}"), step.left, rows, self._words):
                        for reason, count in step.refused.items():
                            said = self._words.said(SENTENCES[RejectReason(reason)])
                            text(f"−{self._words.number(count)}: {said}", "div", "why")
            button(self._words("campaign.see_refused"), lambda: self._look_into("refused"), kind="small")


def bar(name: str, count: int, whole: int, words: Words) -> ui.element:
    """A row of a funnel: a name, a bar, and how many there are of the whole."""
    with ui.element("li") as row:
        text(name)
        with ui.element("div").classes("track").props('aria-hidden="true"'):
            if count:
                ui.element("div").classes("fill").style(f"width: {100 * count / max(whole, 1):.2f}%")
        text(words.number(count), "span", "number")
    return row
