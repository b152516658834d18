"""Step 3: when, at which hours, how fast, and how careful; what most people need not see is folded."""

from collections.abc import Mapping

from nicegui import ui

from campaign.drafting.content import (
    ANY_HOUR,
    AT,
    CAPPED,
    CONTACTS,
    DAILY,
    DEFAULT_HOURS,
    FULL,
    HOURS,
    HOURS_TEXT,
    MONTHLY,
    NOW,
    OWN_RULE,
    RECUR,
    SPREAD,
    WEEKLY,
)
from campaign.drafting.regions import zone_names
from campaign.drafting.request import problems_of_when
from campaign.scheduling.windows import DAYS
from campaign.senders import find_sender
from console.web.parts import ErrorLine, card, text
from console.web.wizard.fields import choice, folded, number_field, radio, several, shown_when, text_field, tick
from console.web.wizard.nav import back_and_forth
from console.web.wizard.state import Wizard
from console.web.wizard.upload import drop_area

BROWSER_ZONE = "Intl.DateTimeFormat().resolvedOptions().timeZone"


async def when_step(wizard: Wizard) -> None:
    """The step."""
    await _WhenStep(wizard).build()


class _WhenStep:
    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._words = wizard, wizard.words
        self._errors: dict[str, ErrorLine] = {}
        self._zone: ui.select

    async def build(self) -> None:
        wizard, words = self._wizard, self._words
        look = await wizard.look(wizard.errors)
        columns = {name: name for name in look.columns} if look is not None else {}
        category = next((template.category for template in await wizard.templates()), "")
        rate = await self._rate()
        with card(words("wizard.start_title")):
            self._start()
            self._errors["start"] = ErrorLine()
        with card(words("wizard.hours_title")):
            self._hours(columns, marketing=category == "marketing")
            self._errors["hours"] = ErrorLine()
        with card(words("wizard.pace_title")):
            self._pace(rate)
            self._errors["pace"] = ErrorLine()
        with card(words("wizard.care_title")):
            self._care()
            self._errors["care"] = ErrorLine()
        back_and_forth(wizard, "when", self._check)
        wizard.watchers.append(self._retell)
        if not wizard.content.zone:
            await self._guess_zone()

    def _start(self) -> None:
        wizard, words = self._wizard, self._words
        radio(wizard, "start", words("wizard.start"), {
            NOW: words("wizard.start_now"), AT: words("wizard.start_at_time"), RECUR: words("wizard.start_recur"),
        })  # fmt: skip
        with shown_when(wizard, lambda: wizard.content.start != NOW, "fields two"):
            text_field(wizard, "start_at", words("wizard.start_moment"), kind="datetime-local")
        with shown_when(wizard, lambda: wizard.content.start == RECUR):
            self._repetition()
        with ui.element("div").classes("fields two"):
            zones = {name: name.replace("_", " ") for name in zone_names()}
            self._zone = choice(
                wizard, "zone", words("wizard.zone"), zones, searchable=True, hint=words("wizard.zone_hint")
            )
            with shown_when(wizard, lambda: wizard.content.start != RECUR, "field"):
                hint = words("wizard.deadline_hint")
                text_field(wizard, "deadline_at", words("wizard.deadline"), kind="datetime-local", hint=hint)
            with shown_when(wizard, lambda: wizard.content.start == RECUR, "field"):
                number_field(wizard, "deadline_hours", words("wizard.deadline_hours"), most=24 * 60)

    def _repetition(self) -> None:
        wizard, words = self._wizard, self._words
        radio(wizard, "repeat", words("wizard.repeat"), {
            each: words(f"wizard.repeat_{each}") for each in (DAILY, WEEKLY, MONTHLY, OWN_RULE)
        })  # fmt: skip
        with shown_when(wizard, lambda: wizard.content.repeat == WEEKLY):
            several(wizard, "repeat_days", words("wizard.repeat_days"), self._days())
        with ui.element("div").classes("fields two"):
            with shown_when(wizard, lambda: wizard.content.repeat == MONTHLY, "field"):
                number_field(wizard, "repeat_day", words("wizard.repeat_day"), most=31)
            with shown_when(wizard, lambda: wizard.content.repeat == OWN_RULE, "field"):
                text_field(wizard, "rule", words("wizard.rule"), hint="FREQ=MONTHLY;BYDAY=1MO")
            text_field(wizard, "until", words("wizard.until"), kind="date", hint=words(self._until_hint()))
            overlaps = {each: words(f"wizard.overlap_{each}") for each in ("skip", "queue", "allow")}
            choice(wizard, "overlap", words("wizard.overlap"), overlaps)

    def _until_hint(self) -> str:
        return "wizard.until_contacts" if self._wizard.content.source == CONTACTS else "wizard.until_file"

    def _hours(self, columns: Mapping[str, str], *, marketing: bool) -> None:
        wizard, words = self._wizard, self._words
        default = wizard.visit.door.settings.default_window
        options = {
            DEFAULT_HOURS: words("wizard.hours_default", hours=default) if default else words("wizard.hours_any")
        }
        options |= {HOURS: words("wizard.hours_set"), HOURS_TEXT: words("wizard.hours_text")}
        if default and not marketing:
            options[ANY_HOUR] = words("wizard.hours_any")
        text(words("wizard.hours_hint"), "p", "hint")
        radio(wizard, "hours", words("wizard.hours"), options)
        with shown_when(wizard, lambda: wizard.content.hours == HOURS):
            several(wizard, "window_days", words("wizard.window_days"), self._days())
            with ui.element("div").classes("fields two"):
                text_field(wizard, "window_from", words("wizard.window_from"), kind="time")
                text_field(wizard, "window_to", words("wizard.window_to"), kind="time")
        with shown_when(wizard, lambda: wizard.content.hours == HOURS_TEXT):
            text_field(wizard, "window_text", words("wizard.window_text"), hint="mon-fri 09:00-20:00, sat 10:00-14:00")
        content = wizard.content
        used = bool(content.quiet_days or content.holidays or content.zone_column)
        with folded(words("wizard.more_hours"), opened=used), ui.element("div").classes("fields two"):
            text_field(wizard, "quiet_days", words("wizard.quiet_days"), hint=words("wizard.quiet_days_hint"))
            text_field(wizard, "holidays", words("wizard.holidays"), hint=words("wizard.holidays_hint"), most=10)
            choice(
                wizard, "zone_column", words("wizard.zone_column"), {"": words("wizard.by_phone"), **columns},
                hint=words("wizard.zone_column_hint"),
            )  # fmt: skip

    def _pace(self, rate: int) -> None:
        wizard, words = self._wizard, self._words
        radio(wizard, "pace", words("wizard.pace"), {
            FULL: words("wizard.pace_full", rate=rate), SPREAD: words("wizard.pace_spread"),
            CAPPED: words("wizard.pace_capped"),
        })  # fmt: skip
        with shown_when(wizard, lambda: wizard.content.pace == SPREAD):
            text_field(wizard, "spread", words("wizard.spread"), hint=words("wizard.spread_hint"), most=10)
        with shown_when(wizard, lambda: wizard.content.pace == CAPPED, "fields two"):
            number_field(wizard, "per_hour", words("wizard.per_hour"))
            number_field(wizard, "per_day", words("wizard.per_day"))
        with folded(words("wizard.more_pace"), opened=wizard.content.rate_mps is not None):
            number_field(
                wizard, "rate_mps", words("wizard.rate"), hint=words("wizard.rate_hint", rate=rate), most=100_000
            )
            priorities = {each: words(f"wizard.priority_{each or 'auto'}") for each in ("", "low", "normal", "high")}
            choice(wizard, "priority", words("wizard.priority"), priorities, hint=words("wizard.priority_hint"))

    def _care(self) -> None:
        wizard, words = self._wizard, self._words
        text(words("wizard.canary_hint"), "p", "hint")
        with ui.element("div").classes("fields two"):
            number_field(wizard, "canary", words("wizard.canary"), hint=words("wizard.canary_empty"), most=10_000)
        with shown_when(wizard, lambda: wizard.content.canary is not None, "fields four"):
            number_field(wizard, "canary_wait_min", words("wizard.canary_wait"), least=0, most=10_080)
            for key in ("canary_failed", "canary_held", "canary_blocked"):
                number_field(wizard, key, words(f"wizard.{key}"), least=0, most=100)
        content = wizard.content
        used = bool(content.not_messaged_within or content.exclude or content.us_marketing)
        with folded(words("wizard.more_care"), opened=used or content.hold_policy != "pause"):
            with ui.element("div").classes("fields two"):
                holds = {each: words(f"wizard.hold_{each}") for each in ("pause", "continue")}
                choice(wizard, "hold_policy", words("wizard.hold_policy"), holds)
                doubts = {each: words(f"wizard.uncertain_{each}") for each in ("wait", "ask", "resend")}
                choice(wizard, "uncertain", words("wizard.uncertain"), doubts)
                hint = words("wizard.not_messaged_hint")
                number_field(wizard, "not_messaged_within", words("wizard.not_messaged_within"), hint=hint, most=3650)
            tick(wizard, "us_marketing", words("wizard.us_marketing"), hint=words("wizard.us_marketing_hint"))
            with ui.element("div"):
                self._quiet_list()

    def _quiet_list(self) -> None:
        wizard, words = self._wizard, self._words
        place = ui.element("div")

        async def arrived(upload: dict[str, str]) -> None:
            await wizard.change(exclude=str(upload["id"]), exclude_name=str(upload["file_name"]))
            tell()

        async def leave_out() -> None:
            await wizard.change(exclude="", exclude_name="")
            tell()

        def tell() -> None:
            place.clear()
            with place:
                if wizard.content.exclude:
                    text(words("wizard.file_chosen", name=wizard.content.exclude_name), "p", "note")
                    ui.button(words("wizard.leave_out"), on_click=leave_out, color=None).props(
                        "unelevated no-caps"
                    ).classes("button small")

        text(words("wizard.quiet_list"), "h3")
        text(words("wizard.quiet_list_hint"), "p", "hint")
        drop_area(
            words, arrived, prompt=words("wizard.drop_quiet"), accept=".csv,.xlsx,.gz,.zip",
            most_bytes=wizard.visit.door.settings.list_max_bytes,
        )  # fmt: skip
        tell()

    def _days(self) -> dict[str, str]:
        return {day: self._words(f"wizard.day_{day}") for day in DAYS}

    async def _rate(self) -> int:
        name = self._wizard.content.sender
        return (await self._wizard.visit.read(find_sender, name)).rate_mps if name else 0

    async def _guess_zone(self) -> None:
        """The browser's own zone until somebody chooses another."""
        try:
            guessed = await ui.run_javascript(BROWSER_ZONE, timeout=3.0)
        except TimeoutError:
            return
        if guessed in zone_names() and not self._wizard.content.zone and not self._zone.is_deleted:
            self._zone.value = guessed

    def _problems(self) -> dict[str, str]:
        return problems_of_when(self._wizard.content, self._wizard.visit.door.settings, now=self._wizard.now())

    def _tell(self) -> dict[str, str]:
        found = self._problems()
        for part, errors in self._errors.items():
            if part in found:
                errors.show(self._words.said(found[part]))
            else:
                errors.clear_text()
        return found

    def _retell(self) -> None:
        self._tell()

    async def _check(self, errors: ErrorLine) -> bool:
        found = self._tell()
        if found:
            errors.show(self._words("wizard.mend_above"))
        return not found
