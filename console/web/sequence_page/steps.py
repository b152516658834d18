"""The steps of a sequence: whom each is for, how far its messages came, who went on, and why others did not."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import zip_longest

from nicegui import ui

from campaign.sequences.views import StepView
from console.web.campaign_page.counts import bar
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence
from console.web.parts import card, chip, text
from console.web.texts import Words

ENDED = frozenset(
    {
        "completed", "replied", "opted_out", "cancelled", "deadline", "read", "not_read", "not_replied", "there_before",
        "failed", "expired", "dropped", "skipped", "no_consent", "consent_withdrawn", "consent_expired", "suppressed",
        "us_marketing",
    }
)  # fmt: skip
"""Reasons for going no further that have words of their own; any other is shown as it is."""


class Steps:
    """A card per step; drawn again only when a number changed."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._part: Part[Sequence[StepView]] = Part(self._draw)

    def show(self, steps: Sequence[StepView]) -> None:
        """Show the steps as they are now."""
        self._part.show(steps)

    def _draw(self, steps: Sequence[StepView]) -> None:
        people = steps[0].came if steps else 0
        for step, following in zip_longest(steps, steps[1:]):
            self._step(step, following, people)

    def _step(self, step: StepView, following: StepView | None, people: int) -> None:
        words = self._words
        with card():
            with ui.element("div").classes("bar"):
                text(words("sequences.step", number=step.number, template=step.template), "h2").classes(
                    "grow breakable"
                )
                chip(step.state, words)
                ui.link(words("sequences.see_campaign"), f"/campaigns/{step.campaign_id}").classes(
                    "button small"
                ).props(f'aria-label="{words("sequences.see_campaign_of", number=step.number)}"')
            for_whom(step, words)
            with ui.element("ul").classes("funnel"):
                bar(words("sequences.came"), step.came, people, words)
                bar(words("sequences.delivered"), step.delivered, people, words)
                bar(words("sequences.read"), step.read, people, words)
                if following is not None:
                    bar(words("sequences.went_on", number=following.number), following.came, people, words)
            if step.waiting:
                sentence("sequences.still_here", {"people": step.waiting}, words, classes="hint")
            for reason, count in step.ended.items():
                told = words(f"sequences.ended_{reason}") if reason in ENDED else reason.replace("_", " ")
                sentence("sequences.ended_here", {"people": count, "why": told}, words, classes="hint")


def for_whom(step: StepView, words: Words) -> None:
    """Whom a step is for, in a sentence."""
    key = f"sequences.for_{step.condition or 'everybody'}"
    sentence(key, {"delay": timedelta(seconds=step.delay_s)}, words, classes="soft")
