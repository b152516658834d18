"""What the campaign is doing, in a chip and a sentence, and what it is made of."""

from typing import NamedTuple

from nicegui import ui

from campaign.overview.glance import Glance
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence, sentence_html
from console.web.parts import chip, moment, text
from console.web.texts import Words
from models.states import PauseReason

TELLING_TEXTS = frozenset(
    {
        PauseReason.TOO_MANY_FAILURES, PauseReason.PAYMENT, PauseReason.CREDENTIALS, PauseReason.CANARY,
        PauseReason.TIER_EXHAUSTED, PauseReason.SENDER_RESTRICTED, PauseReason.TEMPLATE_CHANGED,
    }
)  # fmt: skip
"""Reasons of which the engine's own words say more than the sentence."""


class Header:
    """The chip, the sentence, the facts."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._standing = Part(self._draw_standing)
        # Read out when something happens, not whenever a number rises.
        self._heard = ui.html("", sanitize=False).classes("hidden-text").props('role="status" aria-live="polite"')
        self._last_key = ""
        self._facts = Part(self._draw_facts)

    def show(self, seen: Glance) -> None:
        """Show where it stands now."""
        line = seen.line
        own_words = self._words.said(line.text) if line.text and line.reason in TELLING_TEXTS else None
        self._standing.show(_Standing(line.state, seen.told.key, sentence_html(
            f"telling.{seen.told.key}", seen.told.values, self._words
        ), own_words))  # fmt: skip
        if seen.told.key != self._last_key:
            self._last_key = seen.told.key
            self._heard.set_content(
                f"{self._words.state(line.state)}. "
                + sentence_html(f"telling.{seen.told.key}", seen.told.values, self._words)
            )
        self._facts.show(seen)

    def _draw_standing(self, now: "_Standing") -> None:
        with ui.element("div").classes("standing"):
            chip(now.state, self._words)
            ui.html(now.html, sanitize=False, tag="p").classes("telling")
        if now.own_words:
            text(now.own_words, "p", "hint")

    def _draw_facts(self, seen: Glance) -> None:
        line, words = seen.line, self._words
        with ui.element("dl").classes("facts"):
            _fact(words("campaign.template"), f"{line.template} ({line.language})")
            _fact(words("campaign.category"), words(f"campaign.category_{line.category}"))
            _fact(words("campaign.sender"), line.sender)
            if line.launched_at is not None:
                with ui.element("div"):
                    text(words("campaign.launched"), "dt")
                    with ui.element("dd"):
                        moment(line.launched_at, words)
            if line.ended_at is not None:
                with ui.element("div"):
                    text(words("campaign.ended"), "dt")
                    with ui.element("dd"):
                        moment(line.ended_at, words)
            elif seen.eta is not None:
                with ui.element("div"):
                    text(words("campaign.eta"), "dt")
                    with ui.element("dd"):
                        moment(seen.eta, words)
        if seen.counted_at is not None and not seen.exact:
            sentence("campaign.as_of", {"at": seen.counted_at}, words, classes="hint")


class _Standing(NamedTuple):
    state: str
    key: str
    html: str
    own_words: str | None


def _fact(name: str, value: str) -> None:
    with ui.element("div"):
        text(name, "dt")
        text(value, "dd")
