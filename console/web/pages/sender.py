"""`/senders/{name}`: one number: its state, its rate, the use of its limit, its warm-up, its webhooks and secrets."""

import asyncio
import os

from nicegui import ui

from campaign.access import senders as acts
from campaign.access.roles import Act, Actor
from campaign.desk.senders import SenderView, TierUse, sender_views
from campaign.sender_health import Refreshed
from campaign.senders import missing_for
from campaign.tokens import token_source
from console.stores.pace import effective_rate
from console.web import jobs
from console.web.desk.warm_up import warm_up_card
from console.web.page import page
from console.web.pages.senders import used_words, webhook_words
from console.web.parts import ErrorLine, button, card, chip, moment, table, text
from console.web.pieces import bars, facts, figures, picture, quality
from console.web.texts import Words
from console.web.visit import Visit
from models.sender import Sender
from models.session import Sessions
from tasks.wiring import provider_for


@page("/senders/{name}", "sender.title")
async def sender(visit: Visit) -> None:
    """Everything about one number."""
    words = visit.words
    ui.link(words("sender.back"), "/senders").classes("back")
    [view] = await visit.read(sender_views, visit.door.settings, visit.now(), visit.path["name"])
    visit.entitle(view.sender.name)
    for sentence in missing_for(view.sender, os.environ, visit.door.settings.secret_key):
        text(sentence, "p", "warning")
    _now(view, visit)
    _use(view.use, words)
    warm_up_card(view.sender, visit)
    _webhooks(view, words)
    _about(view.sender, words)


def _now(view: SenderView, visit: Visit) -> None:
    words, found = visit.words, view.sender
    with card(words("sender.now")):
        with ui.element("p").classes("verdict"):
            chip(found.state, words)
            quality(found.quality, words)
            if found.health:
                text(words("sender.health", health=found.health), "span", "soft")
        if found.health_reason:
            text(found.health_reason, "p", "warning")
        if found.restricted_until:
            with ui.element("p").classes("warning"):
                text(words("sender.restricted_until"))
                text(" ")
                moment(found.restricted_until, words)
        mps = effective_rate(found, visit.door.share)
        figures(
            [
                (words("sender.rate"), words.number(found.rate_mps)),
                (words("sender.rate_now"), words.number(mps)),
                (words("sender.used"), used_words(view.use, words)),
            ]
        )
        if mps == 0:
            text(words("sender.no_rate"), "p", "hint")
        if visit.actor.may(Act.REFRESH_SENDER):
            _refresh(found, visit)


def _refresh(found: Sender, visit: Visit) -> None:
    words, kind = visit.words, f"sender:{found.name}"
    errors = ErrorLine()

    def do(sessions: Sessions, by: Actor) -> Refreshed:
        return asyncio.run(_ask(sessions, by, found, visit))

    async def begin() -> None:
        await jobs.start(visit, kind, words("sender.refreshing", sender=found.name), do, errors=errors)

    with ui.element("div").classes("line-up"):
        button(words("sender.refresh"), begin, icon="sync")
        with ui.element("span").classes("hint"):
            text(words("sender.refreshed"))
            text(" ")
            moment(found.refreshed_at, words)
    jobs.JobPlace(visit, kind, lambda result: _refreshed(result, words), ui.navigate.reload)


async def _ask(sessions: Sessions, by: Actor, found: Sender, visit: Visit) -> Refreshed:
    provider = provider_for(found)
    try:
        return await acts.refresh(sessions, by, found, provider, now=visit.now())
    finally:
        await provider.aclose()


def _refreshed(result: Refreshed, words: Words) -> None:
    told = "sender.told_nothing" if result.told_nothing else "sender.told"
    text(words(told, before=words.state(result.before), after=words.state(result.after)), "p")


def _use(use: TierUse, words: Words) -> None:
    with card(words("sender.use")):
        text(words("sender.use_hint"), "p", "hint")
        text(used_words(use, words) + (f" ({words(f'sender.by_{_limit(use)}')})" if use.ceiling else ""), "p", "strong")
        if not use.used:
            text(words("sender.unused"), "p", "soft")
            return
        rows = [(f"{at:%H:%M}", people) for at, people in use.hours]
        picture(bars(rows, label=words("sender.chart", used=words.number(use.used))))
        with ui.element("details"):
            text(words("sender.as_table"), "summary")
            table(
                [words("sender.hour"), words("sender.people")],
                [[f"{at:%Y-%m-%d %H:%M}", words.number(people)] for at, people in use.hours],
                caption=words("sender.use"),
                empty="",
            )


def _limit(use: TierUse) -> str:
    return (use.limited_by or "").replace(" ", "_").replace("-", "_")


def _webhooks(view: SenderView, words: Words) -> None:
    health = view.health
    with card(words("sender.webhooks")):
        with ui.element("p").classes("verdict"):
            webhook_words(view.troubles, words)
        for each in view.troubles:
            text(words.said(each.text), "p", "warning")
        if health is None:
            return
        lag = (
            words("sender.seconds", n=f"{health.lag_p50_s:.1f}", most=f"{health.lag_max_s:.1f}")
            if health.lag_p50_s is not None
            else None
        )
        facts(
            [
                (words("senders.last"), lambda: moment(health.last_webhook_at, words)),
                (words("sender.received"), words.number(health.received)),
                (words("sender.waiting"), words.number(health.waiting)),
                (words("sender.lag"), lag),
                (words("sender.unreported"), words.number(health.unreported)),
                (words("sender.unread"), words.number(health.problems)),
            ]
        )


def _about(found: Sender, words: Words) -> None:
    with card(words("sender.about")):
        facts(
            [
                (words("sender.provider"), found.provider),
                (words("sender.address"), found.base_url),
                (words("sender.number_id"), found.phone_number_id),
                (words("sender.account"), found.waba_id),
                (words("sender.portfolio"), found.portfolio),
                (words("sender.status"), found.status),
                (words("sender.throughput"), found.throughput),
                (words("sender.limit"), found.messaging_limit),
                (words("sender.token"), token_source(found)),
                (words("sender.app_secret"), found.app_secret_env),
                (words("sender.webhook_token"), found.webhook_token_env),
                (words("sender.path"), f"/webhooks/{found.name}"),
                (words("sender.added"), lambda: moment(found.created_at, words)),
            ]
        )
