"""The variants of a campaign beside each other, the rule by which one of them wins, and what was decided."""

from datetime import timedelta

from campaign.variants.told import Comparison, VariantView
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence, share
from console.web.parts import card, text
from console.web.pieces import listing
from console.web.texts import Words

COLUMNS = ("name", "template", "share", "messages", "delivered", "read", "replied")


class VariantsCard:
    """The comparison; no card where a campaign has no variants."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._part: Part[Comparison] = Part(self._draw)

    def show(self, found: Comparison) -> None:
        """Show how the variants do."""
        self._part.show(found)

    def _draw(self, found: Comparison) -> None:
        if not found.variants:
            return
        words = self._words
        with card(words("variants.title")):
            text(words("variants.hint"), "p", "hint")
            listing(
                [words(f"variants.{column}") for column in COLUMNS],
                [self._row(each) for each in found.variants],
                caption=words("variants.title"),
                empty="",
            )
            self._rule(found)

    def _row(self, each: VariantView) -> list[object]:
        words = self._words
        return [
            each.name,
            f"{each.template} ({each.language})",
            f"{each.share} %",
            words.number(each.messages),
            f"{words.number(each.delivered)} ({share(each.delivered, each.messages, words)})",
            f"{words.number(each.read)} ({share(each.read, each.delivered, words)})",
            f"{words.number(each.replied)} ({share(each.replied, each.delivered, words)})",
        ]

    def _rule(self, found: Comparison) -> None:
        words = self._words
        if found.measure is None or found.sample is None:
            text(words("variants.no_rule"), "p")
            return
        values = {
            "sample": found.sample, "after": timedelta(seconds=found.after_s or 0), "confidence": found.confidence or 0,
        }  # fmt: skip
        sentence(f"variants.rule_{found.measure}", values, words)
        if found.decided_at is None:
            text(words("variants.undecided"), "p", "note")
            return
        key = "variants.won" if found.winner else "variants.nobody_won"
        sentence(key, {"name": found.winner or "", "at": found.decided_at}, words, classes="note")
        if found.decision:
            text(found.decision, "p", "hint")
