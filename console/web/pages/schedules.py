"""`/schedules`: campaigns that recur, with their next runs, and a month of starts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from nicegui import ui
from nicegui.element import Element

from campaign.access import schedules as acts
from campaign.access.roles import Act
from campaign.desk.calendar import CAMPAIGN, COMING, Start, month_of, starts_of_month
from campaign.schedules.making import Run, ScheduleView, views
from console.web.page import page
from console.web.parts import ErrorLine, button, card, confirmed, moment, table, text
from console.web.pieces import did, listing
from console.web.texts import Words
from console.web.visit import Visit
from models.schedule import ScheduleState

SHOWN_A_DAY = 4


@page("/schedules", "schedules.title")
async def schedules(visit: Visit) -> None:
    """The month, then each schedule."""
    words = visit.words
    found = await visit.read(views, visit.now())
    if not found:
        text(words("schedules.empty"), "p", "note")
    await _month(visit)
    errors = ErrorLine()
    for view in found:
        _schedule(view, visit, errors)


async def _month(visit: Visit) -> None:
    words, today = visit.words, visit.now().date()
    first, end = month_of(_wanted(visit.query.get("month"), today))
    starts = await visit.read(starts_of_month, first, visit.now())
    with card(classes="calendar-card"):
        with ui.element("div").classes("bar"):
            text(f"{words(f'month.{first.month}')} {first.year}", "h2").classes("grow")
            before = first - timedelta(days=1)
            ui.link(words("schedules.before"), f"/schedules?month={before:%Y-%m}").classes("button small")
            ui.link(words("schedules.after"), f"/schedules?month={end:%Y-%m}").classes("button small")
        by_day: dict[date, list[Start]] = {}
        for start in starts:
            by_day.setdefault(start.day, []).append(start)
        # The look shows one of the two, by the width; the other is not there for screen readers either.
        _grid(first, end, by_day, today, words)
        _list(by_day, today, words)
        text(words("schedules.zones"), "p", "hint")


def _wanted(month: str | None, today: date) -> date:
    try:
        return date.fromisoformat(f"{month}-01") if month else today
    except ValueError:
        return today


ByDay = Mapping[date, Sequence[Start]]


def _grid(first: date, end: date, by_day: ByDay, today: date, words: Words) -> None:
    """The month as weeks, for wide screens."""
    monday = first - timedelta(days=first.weekday())
    with ui.element("div").classes("calendar-wrap").props('tabindex="0" role="region"') as wrap:
        wrap.props(f'aria-label="{words("schedules.calendar")}"')
        with ui.element("table").classes("calendar"):
            with ui.element("thead"), ui.element("tr"):
                for weekday in range(7):
                    text(words(f"weekday.{weekday}"), "th").props('scope="col"')
            with ui.element("tbody"):
                while monday < end:
                    with ui.element("tr"):
                        for offset in range(7):
                            day = monday + timedelta(days=offset)
                            _day(day, by_day.get(day, []), inside=first <= day < end, today=today, words=words)
                    monday += timedelta(days=7)


def _list(by_day: ByDay, today: date, words: Words) -> None:
    """The same days one below the other, for narrow screens; days without a start are left out."""
    with ui.element("section").classes("calendar-days").props(f'aria-label="{words("schedules.calendar")}"'):
        if not by_day:
            text(words("schedules.no_starts"), "p", "empty")
        for day, starts in sorted(by_day.items()):
            with ui.element("div").classes("listed-day" + (" today" if day == today else "")):
                told = words("schedules.day", weekday=words(f"weekday.{day.weekday()}"), day=day.day)
                heading = text(told + (f" · {words('schedules.today')}" if day == today else ""), "h3")
                if day == today:
                    heading.props('aria-current="date"')
                with ui.element("ul"):
                    for start in starts[:SHOWN_A_DAY]:
                        with ui.element("li"):
                            _listed(start, words)
                if len(starts) > SHOWN_A_DAY:
                    text(words("schedules.more", count=len(starts) - SHOWN_A_DAY), "p", "hint")


def _listed(start: Start, words: Words) -> None:
    """One start with everything that is known of it; nothing on a phone can be hovered over."""
    with _place(start):
        text(f"{start.clock} {start.name}", "span", "breakable")
    text(_hint(start, words), "p", "hint breakable")


def _day(day: date, starts: Sequence[Start], *, inside: bool, today: date, words: Words) -> None:
    with ui.element("td").classes("" if inside else "outside") as cell:
        if not inside:
            return
        if day == today:
            cell.classes("today").props('aria-current="date"')
        text(str(day.day), "div", "day")
        for start in starts[:SHOWN_A_DAY]:
            _entry(start, words)
        if len(starts) > SHOWN_A_DAY:
            text(words("schedules.more", count=len(starts) - SHOWN_A_DAY), "div", "hint")


TONES = {
    "active": "good",
    "paused": "warn",
    COMING: "info",
    CAMPAIGN: "info",
    "started": "good",
    "missed": "bad",
    "failed": "bad",
    "skipped": "warn",
}


def _entry(start: Start, words: Words) -> None:
    hint = _hint(start, words)
    with _place(start):
        text(f"{start.clock} {start.name}")
        text(f" ({hint})", "span", "hidden-text")
        ui.tooltip(hint)


def _place(start: Start) -> Element:
    """Where a start is shown, in the colour of its state; a link once it has a campaign."""
    shown = ui.link(target=f"/campaigns/{start.campaign_id}") if start.campaign_id else ui.element("div")
    return shown.classes(f"start tone-{TONES.get(start.state, 'quiet')}")


def _hint(start: Start, words: Words) -> str:
    return f"{words(f'schedules.{start.state}')} · {start.zone} · {start.at:%Y-%m-%d %H:%M} UTC"


def _schedule(view: ScheduleView, visit: Visit, errors: ErrorLine) -> None:
    words = visit.words
    with card():
        with ui.element("div").classes("bar"):
            text(view.name, "h2").classes("grow breakable")
            text(words(f"schedules.{view.state}"), "span", f"chip tone-{TONES.get(view.state, 'quiet')}")
        about = words(
            "schedules.about", rule=view.rule, zone=view.zone, overlap=words(f"schedules.overlap_{view.overlap}")
        )
        text(
            about + (" " + words("schedules.until", day=view.until.isoformat()) if view.until else ""),
            "p",
            "soft breakable",
        )
        with ui.element("div").classes("cards"):
            with ui.element("div"):
                text(words("schedules.next"), "h3")
                _next(view.next_runs, view.zone, words)
            with ui.element("div"):
                text(words("schedules.last"), "h3")
                listing(
                    [words("schedules.when"), words("schedules.outcome")],
                    [[_at(run.utc, words), _outcome(run.state, run.text, words)] for run in view.last_runs],
                    caption=words("schedules.last"),
                    empty=words("schedules.no_last"),
                )
        if visit.actor.may(Act.CHANGE_SCHEDULE):
            _acts(view, visit, errors)


def _next(runs: Sequence[Run], zone: str, words: Words) -> None:
    table(
        [words("schedules.local", zone=zone), "UTC"],
        [[run.local, f"{run.utc:%Y-%m-%d %H:%M}"] for run in runs],
        caption=words("schedules.next"),
        empty=words("schedules.no_next"),
    )


def _acts(view: ScheduleView, visit: Visit, errors: ErrorLine) -> None:
    words, name = visit.words, view.name

    async def pause() -> None:
        if await did(visit, lambda sessions, by: acts.pause(sessions, by, name), errors=errors):
            ui.navigate.reload()

    async def resume() -> None:
        now = visit.now()
        if await did(visit, lambda sessions, by: acts.resume(sessions, by, name, now=now), errors=errors):
            ui.navigate.reload()

    async def remove() -> None:
        title = words("schedules.remove")
        if not await confirmed(title, words("schedules.remove_body", name=name), title, words("do.no")):
            return
        if await did(visit, lambda sessions, by: acts.remove(sessions, by, name), errors=errors):
            ui.navigate.reload()

    with ui.element("div").classes("line-up"):
        if view.state == ScheduleState.ACTIVE:
            button(words("schedules.pause"), pause)
        if view.state == ScheduleState.PAUSED:
            button(words("schedules.resume"), resume)
        button(words("schedules.remove"), remove, kind="danger")


def _at(at: datetime, words: Words) -> Callable[[], object]:
    return lambda: moment(at, words)


def _outcome(state: str, told: str | None, words: Words) -> Callable[[], None]:
    def shown() -> None:
        text(words(f"schedules.{state}"), "span", f"chip tone-{TONES.get(state, 'quiet')}")
        if told:
            text(f" {words.said(told)}", "span", "soft")

    return shown
