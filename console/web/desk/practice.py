"""What is shown while there is no number yet: a button for one to practise with, or the way to add a real one."""

import os
from collections.abc import Awaitable, Callable
from datetime import datetime

from nicegui import ui

from campaign.access.roles import Act, Actor
from campaign.access.senders import add
from campaign.errors import CampaignError
from campaign.practice import practice_number
from campaign.senders import NewSender, list_senders
from campaign.templates.sync import SyncResult
from console.web import jobs
from console.web.desk.reading import read_templates
from console.web.parts import ErrorLine, button, card, text
from console.web.texts import Words
from console.web.visit import Visit
from models.session import Sessions

PRACTISE = "practice"

Done = Callable[[], Awaitable[None] | None]


async def first_number(visit: Visit, done: Done | None = None, *, real: bool = True) -> None:
    """A card for who may add a number, while there is none.

    done  called when the number to practise with is there
    real  show the way to the form for a real number
    """
    if not visit.actor.may(Act.CHANGE_SENDER):
        return
    senders = await visit.read(list_senders)
    if senders and not _under_way():
        return
    words, new = visit.words, practice_number(os.environ)
    if new is None and not real:
        return
    with card(words("practice.title")):
        if new is not None:
            with ui.element("div").classes("first-step"):
                _practice(visit, new, done)
        if real:
            text(words("practice.real_hint"), "p", "hint")
            ui.link(words("practice.real"), "/senders?add=1").classes("button")


def _practice(visit: Visit, new: NewSender, done: Done | None) -> None:
    words, errors = visit.words, ErrorLine()
    text(words("practice.hint"), "p", "hint")

    async def begin() -> None:
        now = visit.now()

        def do(sessions: Sessions, by: Actor) -> SyncResult:
            return practise(sessions, by, new, now=now)

        job = await jobs.start(visit, PRACTISE, words("practice.under_way"), do, errors=errors)
        if job is not None:
            pressed.set_visibility(False)

    pressed = button(words("practice.practise"), begin, kind="primary", icon="school")
    pressed.set_visibility(not _under_way())

    def show(result: SyncResult) -> None:
        pressed.set_visibility(False)
        _next(result, words)

    jobs.JobPlace(visit, PRACTISE, show, done)


def practise(sessions: Sessions, by: Actor, new: NewSender, *, now: datetime) -> SyncResult:
    """Add the number of the stand-in and read its templates.

    raises  Forbidden, Conflict, ConfigurationError, PlatformError
    """
    sender = add(sessions, by, new, environment=os.environ)
    try:
        return read_templates(sessions, by, sender, now=now)
    except CampaignError as error:
        error.args = (f"number {sender.name} was added, but its templates were not read: {error}",)
        raise


def _next(result: SyncResult, words: Words) -> None:
    text(words("practice.ready", templates=words.number(result.listed)), "p")
    with ui.element("div").classes("line-up"):
        ui.link(words("practice.then_consent"), "/consent").classes("button primary")
        ui.link(words("practice.then_campaign"), "/campaigns/new").classes("button")


def _under_way() -> bool:
    job = jobs.newest(PRACTISE)
    return job is not None and job.ended_at is None
