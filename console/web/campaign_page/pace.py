"""How fast it goes, against what it may, and what keeps it from going faster."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from nicegui import ui

from campaign.overview.details import Limits
from campaign.overview.glance import Glance
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence
from console.web.parts import card, text
from console.web.texts import Words
from models.states import CampaignState

Said = tuple[str, dict[str, Any]]


class Rates:
    """The rate of this moment and the limits."""

    def __init__(self, words: Words) -> None:
        self._words = words
        with card(words("campaign.pace")):
            self._now = Part(self._draw_now)
            self._limits = Part(self._draw_limits)

    def show(self, seen: Glance) -> None:
        """Show the present rate."""
        self._now.show(seen)

    def show_limits(self, limits: Limits, seen: Glance) -> None:
        """Show what bounds it."""
        self._limits.show(list(explained(limits, seen)))

    def _draw_now(self, seen: Glance) -> None:
        words, pace = self._words, seen.pace
        running = seen.line.state == CampaignState.RUNNING
        with ui.element("div").classes("figures"):
            _figure(words.number(pace.now) if running else "–", words("campaign.rate_now"))
            _figure(words.number(pace.effective) if running else "–", words("campaign.rate_effective"))
            _figure(words.number(pace.allowed), words("campaign.rate_allowed"))
        used = min(1.0, pace.now / pace.effective) if pace.effective else 0.0
        with ui.element("div").classes("track meter").props('aria-hidden="true"'):
            ui.element("div").classes("fill").style(f"width: {100 * used:.0f}%")

    def _draw_limits(self, said: list[Said]) -> None:
        with ui.element("ul").classes("bullets"):
            for key, values in said:
                sentence(f"campaign.{key}", values, self._words, tag="li")


def explained(limits: Limits, seen: Glance) -> Iterator[Said]:
    """What bounds a campaign, as keys and values. Pure."""
    pace = seen.pace
    if pace.allowed < pace.number:
        yield "limit_own", {"allowed": pace.allowed, "number": pace.number}
    else:
        yield "limit_number", {"number": pace.number, "sender": seen.line.sender}
    if seen.line.state == CampaignState.RUNNING and limits.share <= 0:
        yield "limit_stopped", {}
    elif limits.share < 0.99:
        yield "limit_braked", {"percent": round(100 * limits.share)}
    if limits.flagged:
        yield "limit_flagged", {"sender": seen.line.sender}
    if limits.tier is not None:
        yield "limit_tier", {"tier": limits.tier, "counted": limits.counted}
    if limits.warm_up is not None:
        yield "limit_warm_up", {"people": limits.warm_up, "counted": limits.counted}
    if limits.window is not None:
        yield "limit_window", {"window": limits.window, "zone": limits.zone or "UTC"}
    if limits.spread_s is not None:
        yield "limit_spread", {"span": timedelta(seconds=limits.spread_s)}
    if limits.per_hour is not None:
        yield "limit_per_hour", {"people": limits.per_hour}
    if limits.per_day is not None:
        yield "limit_per_day", {"people": limits.per_day}
    if limits.deadline_at is not None:
        yield "limit_deadline", {"at": limits.deadline_at}


def _figure(value: str, label: str) -> None:
    with ui.element("div").classes("figure"):
        text(value, "div", "value")
        text(label, "div", "label")
