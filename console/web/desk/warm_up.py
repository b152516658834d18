"""The warm-up of a number: shown, set and ended."""

from datetime import timedelta

from nicegui import ui

from campaign.access import senders as acts
from campaign.access.roles import Act
from campaign.planning.warm_up import WarmUp
from console.web.parts import ErrorLine, button, card, confirmed, moment, table, text
from console.web.pieces import did
from console.web.visit import Visit
from models.sender import Sender

STEPS = 8
"""Rises of a warm-up that are shown."""


def warm_up_card(found: Sender, visit: Visit) -> None:
    """The plan as it stands, and a form for who may change it."""
    words = visit.words
    plan = WarmUp.kept(found.warm_up, found.warm_up_began_at)
    with card(words("sender.warm_up")):
        text(words("sender.warm_up_hint"), "p", "hint")
        if plan is None:
            text(words("sender.no_warm_up"), "p")
        else:
            _steps(plan, visit)
        if visit.actor.may(Act.CHANGE_SENDER):
            _plan_form(found, plan, visit)
        elif plan is None:
            text(words("sender.ask_admin"), "p", "hint")


def _steps(plan: WarmUp, visit: Visit) -> None:
    words, now = visit.words, visit.now()
    cap = plan.cap_at(now)
    if cap is None:
        text(words("sender.warm_up_over"), "p")
        return
    text(words("sender.cap_now", cap=words.number(cap), grow=f"{plan.grow:g}", hours=_hours(plan.every)), "p")
    rows: list[list[object]] = []
    for after, at, people in plan.steps(now, STEPS):
        when = (lambda at=at: moment(at, words)) if at else words("sender.after", hours=_hours(after))
        rows.append([when, words.number(people)])
    headings = [words("sender.from"), words("sender.people")]
    table(headings, rows, caption=words("sender.warm_up"), empty="")


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g}"


def _plan_form(found: Sender, plan: WarmUp | None, visit: Visit) -> None:
    words = visit.words
    with ui.element("div").classes("form-row"):
        start = _number(words("sender.start"), plan.start if plan else 250, 1)
        grow = _number(words("sender.grow"), plan.grow if plan else 1.5, 1.01, precision=2)
        every = _number(words("sender.every"), plan.every / timedelta(hours=1) if plan else 24, 1)
        until = _number(words("sender.until"), plan.until if plan else None, 1)
    errors = ErrorLine()

    async def save() -> None:
        try:
            hours = timedelta(hours=float(every.value or 0))
            wanted = WarmUp(
                int(start.value or 0), float(grow.value or 0), hours, int(until.value) if until.value else None
            )
        except (ValueError, OverflowError):
            errors.show(words("sender.bad_plan"))
            return
        if await did(visit, lambda sessions, by: acts.set_warm_up(sessions, by, found.name, wanted), errors=errors):
            ui.navigate.reload()

    async def off() -> None:
        if not await confirmed(words("sender.off"), words("sender.off_body"), words("sender.off"), words("do.no")):
            return
        if await did(visit, lambda sessions, by: acts.set_warm_up(sessions, by, found.name, None), errors=errors):
            ui.navigate.reload()

    with ui.element("div").classes("line-up"):
        button(words("sender.set"), save)
        if plan is not None:
            button(words("sender.off"), off, kind="danger")


def _number(label: str, value: float | None, least: float, *, precision: int = 0) -> ui.number:
    field = ui.number(label, value=value, min=least, precision=precision)
    return field.props("outlined dense").classes("short")
