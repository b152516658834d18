"""What stands in the way: messages that WhatsApp holds for quality, and the canary that goes first."""

from nicegui import ui

from campaign.overview.details import Canary, Holds
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence, share
from console.web.parts import card, text
from console.web.texts import Words


class HoldWatch:
    """The hold watch and its verdict; no card while nothing is held."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._part: Part[Holds | None] = Part(self._draw)

    def show(self, holds: Holds | None) -> None:
        """Show what is held."""
        self._part.show(holds)

    def _draw(self, holds: Holds | None) -> None:
        if holds is None:
            return
        words = self._words
        with card(words("campaign.holds")):
            if holds.messages:
                sentence("campaign.holds_now", {"messages": holds.messages, "since": holds.since}, words)
            if holds.dropped:
                sentence("campaign.holds_bad", {"messages": holds.dropped}, words)
            if holds.guard_until is not None:
                sentence("campaign.holds_guard", {"at": holds.guard_until}, words)
            elif holds.messages:
                sentence(f"campaign.holds_{holds.policy}", {"messages": holds.hold_after}, words)
            text(words("campaign.holds_why"), "p", "hint")


class CanaryWatch:
    """The first people of a campaign and what became of them; no card where there is no canary."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._part: Part[Canary | None] = Part(self._draw)

    def show(self, canary: Canary | None) -> None:
        """Show how the canary does."""
        self._part.show(canary)

    def _draw(self, canary: Canary | None) -> None:
        if canary is None:
            return
        words = self._words
        with card(words("campaign.canary")):
            if canary.over:
                text(words("campaign.canary_over"), "p")
            elif canary.until is not None:
                sentence("campaign.canary_judged_at", {"at": canary.until, "people": canary.taken}, words)
            elif canary.left:
                sentence("campaign.canary_sending", {"people": canary.taken, "left": canary.left}, words)
            else:
                text(words("campaign.canary_decide"), "p")
            with ui.element("dl").classes("facts"):
                bounds = {"failed": canary.terms.failed, "held": canary.terms.held}
                _fact(words("campaign.figure_delivered"), share(canary.delivered, canary.taken, words))
                for name, bound in bounds.items():
                    found = share(getattr(canary, name), canary.taken, words)
                    allowed = words("campaign.canary_allowed", percent=words.number(round(100 * bound, 1)))
                    _fact(words.state(name), f"{found} ({allowed})")


def _fact(name: str, value: str) -> None:
    with ui.element("div"):
        text(name, "dt")
        text(value, "dd")
