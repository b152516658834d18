"""`/senders`: the numbers: may they send, how fast, how much of their limit is used, do their webhooks come."""

import os
from collections.abc import Sequence

from nicegui import ui
from nicegui.element import Element

from campaign.access.roles import Act
from campaign.desk.senders import SenderView, TierUse, sender_views
from campaign.practice import practice_number
from campaign.senders import list_senders
from campaign.webhooks.health import Finding
from console.stores.pace import effective_rate
from console.web.desk.new_number import new_number
from console.web.desk.practice import first_number
from console.web.page import page
from console.web.parts import chip, link, moment, text
from console.web.pieces import listing, quality
from console.web.texts import Words
from console.web.visit import Visit


@page("/senders", "senders.title")
async def senders(visit: Visit) -> None:
    """Every number, by name."""
    text(visit.words("senders.hint"), "p", "hint")
    shown = ui.element("div").classes("first-step")

    async def refresh() -> None:
        await _draw(visit, shown)

    await refresh()
    await first_number(visit, refresh, real=False)
    if visit.actor.may(Act.CHANGE_SENDER):
        none_yet = not await visit.read(list_senders)
        asked_for = "add" in visit.query
        new_number(visit, refresh, opened=asked_for or (none_yet and practice_number(os.environ) is None))


async def _draw(visit: Visit, place: Element) -> None:
    words = visit.words
    views = await visit.read(sender_views, visit.door.settings, visit.now())
    place.clear()
    with place:
        listing(
            [words(f"senders.{column}") for column in ("name", "state", "quality", "rate", "used", "webhooks", "last")],
            [_row(view, visit) for view in views],
            caption=words("senders.title"),
            empty=words("senders.empty"),
        )


def _row(view: SenderView, visit: Visit) -> list[object]:
    words, sender = visit.words, view.sender
    now_mps = effective_rate(sender, visit.door.share)
    return [
        link(sender.name, f"/senders/{sender.name}", "strong"),
        lambda: chip(sender.state, words),
        lambda: quality(sender.quality, words),
        words("senders.rate_of", now=words.number(now_mps), full=words.number(sender.rate_mps)),
        used_words(view.use, words),
        lambda: webhook_words(view.troubles, words),
        lambda: moment(sender.last_webhook_at, words),
    ]


def used_words(use: TierUse, words: Words) -> str:
    """How much of a limit is used."""
    if use.ceiling is None:
        return words("senders.unlimited")
    return words("senders.used_of", used=words.number(use.used), ceiling=words.number(use.ceiling))


def webhook_words(troubles: Sequence[Finding], words: Words) -> None:
    """Whether webhooks come, as a word with a colour."""
    if not troubles:
        text(words("senders.webhooks_fine"), "span", "chip tone-good")
    for each in troubles:
        text(words(f"senders.{each.trouble.value}"), "span", "chip tone-bad")
