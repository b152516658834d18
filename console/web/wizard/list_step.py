"""Step 1: who it goes to: a file, or the people the engine knows; how it was read, with its first rows."""

from pathlib import PurePath
from typing import Any

from nicegui import ui
from nicegui.element import Element

from campaign.access.incoming import path_of
from campaign.drafting.choices import name_taken
from campaign.drafting.content import CONTACTS, FILE
from campaign.drafting.looking import Look, phone_told
from campaign.drafting.regions import region_names
from campaign.errors import UsageError
from campaign.names import check_campaign_name
from console.web.parts import ErrorLine, button, card, table, text
from console.web.wizard.fields import choice, folded, radio, shown_when, text_field, tick
from console.web.wizard.nav import back_and_forth
from console.web.wizard.outlook import coded
from console.web.wizard.state import Wizard
from console.web.wizard.upload import drop_area

ACCEPT = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.gz,.zip"
SHOWN_ROWS, SHOWN_COLUMNS = 5, 12
LONGEST_CELL = 60


async def list_step(wizard: Wizard) -> None:
    """The step."""
    await _ListStep(wizard).build()


class _ListStep:
    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._words = wizard, wizard.words
        self._found: Element
        self._upload_errors: ErrorLine

    async def build(self) -> None:
        wizard, words = self._wizard, self._words
        with card(words("wizard.list_title")):
            radio(wizard, "source", words("wizard.source"), {
                FILE: words("wizard.source_file"), CONTACTS: words("wizard.source_contacts"),
            })  # fmt: skip
            with shown_when(wizard, lambda: wizard.content.source == FILE):
                self._upload_errors = drop_area(
                    words, self._arrived, prompt=words("wizard.drop"), accept=ACCEPT,
                    most_bytes=wizard.visit.door.settings.list_max_bytes, hint=words("wizard.drop_hint"),
                )  # fmt: skip
            with shown_when(wizard, lambda: wizard.content.source == CONTACTS):
                self._filters()
        self._found = ui.element("div").props('aria-live="polite"')
        with card(words("wizard.name_title")):
            self._name = text_field(
                wizard, "name", words("wizard.name"), hint=words("wizard.name_hint"), most=100
            ).classes("wide")
        back_and_forth(wizard, "list", self._check)
        self._seen = self._about_the_list()
        wizard.watchers.append(self._changed)
        await self._draw()

    def _filters(self) -> None:
        wizard, words = self._wizard, self._words

        async def changed(event: Any) -> None:
            lines = (line.strip() for line in str(event.value or "").splitlines())
            await wizard.change(where=tuple(line for line in lines if line)[:20])

        text(words("wizard.contacts_hint"), "p", "hint")
        ui.textarea(words("wizard.filter"), value="\n".join(wizard.content.where), on_change=changed).props(
            f'outlined dense autogrow debounce=600 maxlength=2000 hint="{words("wizard.filter_hint")}"'
        ).classes("wide")

    async def _arrived(self, upload: dict[str, Any]) -> None:
        """A file has arrived: look at it as it is, not as the one before was read."""
        id_, name = str(upload["id"]), str(upload["file_name"])
        settings = self._wizard.visit.door.settings
        if await self._wizard.act(lambda *_: path_of(settings, id_), self._upload_errors) is None:
            return
        suggested = self._wizard.content.name or PurePath(name.replace("_", " ")).stem[:80]
        await self._wizard.change(
            upload=id_, file_name=name, size_bytes=int(upload["size_bytes"] or 0), sheet="", phone_column="",
            name=suggested,
        )  # fmt: skip
        self._name.value = suggested

    def _about_the_list(self) -> tuple[object, ...]:
        content = self._wizard.content
        return (
            content.source, content.upload, content.sheet, content.phone_column, content.where, content.region,
            content.landlines, content.services,
        )  # fmt: skip

    async def _changed(self) -> None:
        if self._about_the_list() != self._seen:
            self._seen = self._about_the_list()
            await self._draw()

    async def _draw(self) -> None:
        content, words = self._wizard.content, self._words
        self._found.clear()
        if content.source == FILE and not content.upload:
            return
        with self._found, card(words("wizard.found_title")):
            waiting = ui.element("div")
            with waiting:
                text(words("wizard.looking"), "p", "hint")
                ui.element("progress").props(f'aria-label="{words("wizard.looking")}"')
            errors = ErrorLine()
            look = await self._wizard.look(errors)
            if self._found.is_deleted or waiting.is_deleted:
                return
            waiting.delete()
            if look is None:
                text(words("wizard.cannot_read"), "p", "hint")
                if content.sheet or content.phone_column:
                    button(words("wizard.read_anew"), lambda: self._wizard.change(sheet="", phone_column=""))
                return
            self._told(look)

    def _told(self, look: Look) -> None:
        wizard, words, content = self._wizard, self._words, self._wizard.content
        with ui.element("div").classes("file-line"):
            ui.icon("description").props('aria-hidden="true" size="22px"')
            text(content.file_name if content.source == FILE else words("wizard.source_contacts"), "span", "strong")
            if content.source == FILE:
                text(_size(content.size_bytes, words), "span", "hint")
        text(_format_words(look, words), "p", "hint")
        with ui.element("div").classes("fields two"):
            if look.sheet is not None and look.other_sheets:
                sheets = [look.sheet, *look.other_sheets]
                _overriding(wizard, "sheet", words("wizard.sheet"), sheets, look.sheet)
            _overriding(wizard, "phone_column", words("wizard.phone_column"), look.columns, look.phone_column)
            choice(
                wizard, "region", words("wizard.region"), region_names(words.language), searchable=True,
                hint=words("wizard.region_hint"),
            ).props("clearable")  # fmt: skip
        if look.phone_column is None:
            text(words("wizard.which_phone"), "p", "warning")
        self._sample(look)
        with folded(words("wizard.more_list"), opened=content.landlines or content.services):
            tick(wizard, "landlines", words("wizard.landlines"), hint=words("wizard.landlines_hint"))
            tick(wizard, "services", words("wizard.services"), hint=words("wizard.services_hint"))

    def _sample(self, look: Look) -> None:
        words, rows = self._words, look.rows[:SHOWN_ROWS]
        columns = [name for name in look.columns if name != look.phone_column][:SHOWN_COLUMNS]
        told = [phone_told(look, self._wizard.content, row) for row in look.rows]
        bad = sum(why is not None for _, why in told)
        cells = [
            [row.number, _phone_cell(*phone, words), *(_cut(row.values.get(name, "")) for name in columns)]
            for row, phone in zip(rows, told, strict=False)
        ]
        headings = ["#", words("wizard.phone_read"), *columns]
        text(words("wizard.first_rows", count=len(rows)), "h3")
        with ui.element("div").classes("sample"):
            table(headings, cells, caption=words("wizard.first_rows", count=len(rows)), empty=words("wizard.no_rows"))
        if bad:
            text(words("wizard.bad_phones", bad=bad, count=len(look.rows)), "p", "warning")

    async def _check(self, errors: ErrorLine) -> bool:
        """The list can be read, it is known where the phones are, and the name is free."""
        wizard, words = self._wizard, self._words
        content = wizard.content

        def check(*_: object) -> bool:
            if content.source == FILE and not content.upload:
                raise UsageError(words("wizard.no_list"))
            if not content.name.strip():
                raise UsageError(words("wizard.no_name"))
            check_campaign_name(content.name.strip())
            return True

        if not await wizard.act(check, errors):
            return False
        if await wizard.visit.read(name_taken, content.name.strip(), but=content.campaign_id):
            errors.show(words("wizard.name_taken", name=content.name.strip()))
            return False
        look = await wizard.look(errors)
        if look is not None and look.phone_column is None:
            errors.show(words("wizard.which_phone"))
            return False
        return look is not None


def _overriding(wizard: Wizard, key: str, label: str, options: Any, found: str | None) -> None:
    """What was found, which a person may correct."""

    async def changed(event: Any) -> None:
        await wizard.change(**{key: event.value or ""})

    ui.select(list(options), label=label, value=found, on_change=changed).props("outlined dense options-dense").classes(
        "field"
    )


def _format_words(look: Look, words: Any) -> str:
    how = look.source.how
    if how.get("kind") == "workbook":
        return str(words("wizard.read_workbook", sheet=how.get("sheet", ""), columns=len(look.columns)))
    if how.get("kind") != "csv":
        return str(how.get("words", ""))
    delimiter = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(str(how.get("delimiter")))
    told = words(f"wizard.delimiter_{delimiter}") if delimiter else how.get("delimiter")
    encoding = str(how.get("encoding", "")).removesuffix("-sig").upper()
    return str(words("wizard.read_csv", delimiter=told, encoding=encoding, columns=len(look.columns)))


def _phone_cell(phone: str, why: str | None, words: Any) -> Any:
    def cell() -> Element:
        with ui.element("span") as place:
            text(phone or "–", "span", "" if why is None else "struck")
            if why is not None:
                text(coded(words, f"wizard.reason.{why}", why), "div", "hint bad-text")
        return place

    return cell


def _size(count: int, words: Any) -> str:
    for unit, most in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= most:
            return f"{words.number(round(count / most, 1))} {unit}"
    return f"{count} B"


def _cut(cell: str) -> str:
    return cell if len(cell) <= LONGEST_CELL else f"{cell[:LONGEST_CELL]}…"
