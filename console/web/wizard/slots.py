"""What fills one variable of a template: a column, the same for everybody, or a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element

from campaign.drafting.content import COLUMN, CONSTANT, UPLOADED
from campaign.media.files import KINDS
from campaign.templates.slots import PLACEHOLDER, Slot, SlotUse, parts_of
from console.web.parts import text
from console.web.texts import Words
from console.web.wizard.state import Wizard
from console.web.wizard.upload import drop_area
from models.template import Template

REWRITES: Mapping[str, str] = {
    "": "as_it_is", "title": "title", "first,title": "first_title", "upper": "upper", "lower": "lower",
    "date(auto,long)": "date_long", "date(auto,short)": "date_short", "number(auto)": "number",
    "currency(auto,MXN)": "money_mxn", "currency(auto,USD)": "money_usd", "currency(auto,EUR)": "money_eur",
    "currency(auto,BRL)": "money_brl",
}  # fmt: skip
"""Rewrites that the form offers, each with the key of its words."""

ENDINGS = {"image": ".jpg,.jpeg,.png", "video": ".mp4,.3gp", "document": ".pdf"}


def slot_form(wizard: Wizard, slot: Slot, template: Template, columns: Sequence[str]) -> None:
    """The fields of one variable."""
    _SlotForm(wizard, slot, template, columns).build()


class _SlotForm:
    def __init__(self, wizard: Wizard, slot: Slot, template: Template, columns: Sequence[str]) -> None:
        self._wizard, self._words, self._slot, self._columns = wizard, wizard.words, slot, columns
        self._label, self._where = slot_words(slot, template, wizard.words)
        self._place: Element

    @property
    def _source(self) -> dict[str, str]:
        return dict(self._wizard.content.slots.get(self._slot.key, {}))

    async def _set(self, **values: str) -> None:
        source = {key: value for key, value in (self._source | values).items() if value}
        slots = {key: dict(value) for key, value in self._wizard.content.slots.items() if key != self._slot.key}
        await self._wizard.change(slots=slots | ({self._slot.key: source} if source else {}))

    def build(self) -> None:
        words, kinds = self._words, self._kinds()
        kind = self._source.get("kind", COLUMN)
        with ui.element("fieldset").classes("slot"):
            text(self._label, "legend")
            if self._where:
                text(self._where, "p", "hint")
            ui.radio(
                {each: words(f"wizard.fill_{name}") for each, name in kinds.items()},
                value=kind if kind in kinds else COLUMN, on_change=self._kind_chosen,
            ).props("dense inline")  # fmt: skip
            self._place = ui.element("div").classes("fields two")
        self._draw()

    def _kinds(self) -> dict[str, str]:
        if self._slot.use is SlotUse.MEDIA:
            return {COLUMN: "link_column", CONSTANT: "link", UPLOADED: "file"}
        return {COLUMN: "column", CONSTANT: "constant"}

    async def _kind_chosen(self, event: Any) -> None:
        await self._set(kind=str(event.value))
        self._draw()

    def _draw(self) -> None:
        kind = self._source.get("kind", COLUMN)
        self._place.clear()
        with self._place:
            if kind == CONSTANT:
                label = "link" if self._slot.use is SlotUse.MEDIA else "constant"
                self._text("text", self._words(f"wizard.{label}_text"))
            elif kind == UPLOADED:
                self._file()
            else:
                self._column()

    def _column(self) -> None:
        words, source = self._words, self._source
        self._select("column", words("wizard.column"), {name: name for name in self._columns})
        if self._slot.use is SlotUse.TEXT:
            rewrites = {key: words(f"wizard.rewrite_{name}") for key, name in REWRITES.items()}
            if source.get("rewrite", "") not in rewrites:
                rewrites[source["rewrite"]] = source["rewrite"]
            self._select("rewrite", words("wizard.rewrite"), rewrites)
        self._text("fallback", words("wizard.fallback"), hint=words("wizard.fallback_hint"))

    def _file(self) -> None:
        kind = self._slot.kind.partition(".")[2]
        with ui.element("div").classes("full"):
            if name := self._source.get("name"):
                text(self._words("wizard.file_chosen", name=name), "p", "note")
            drop_area(
                self._words, self._arrived, prompt=self._words("wizard.drop_media"), accept=ENDINGS.get(kind, ""),
                most_bytes=KINDS[kind].limit if kind in KINDS else 5_000_000,
            )  # fmt: skip

    async def _arrived(self, upload: dict[str, Any]) -> None:
        await self._set(kind=UPLOADED, upload=str(upload["id"]), name=str(upload["file_name"]))
        self._draw()

    def _text(self, key: str, label: str, hint: str = "") -> None:
        async def changed(event: Any) -> None:
            await self._set(kind=self._source.get("kind", COLUMN), **{key: str(event.value or "")[:1000]})

        field = ui.input(label, value=self._source.get(key, ""), on_change=changed)
        field.props("outlined dense debounce=400 maxlength=1000").classes("field")
        if hint:
            field.props(f'hint="{hint}"')

    def _select(self, key: str, label: str, options: Mapping[str, str]) -> None:
        async def changed(event: Any) -> None:
            await self._set(kind=COLUMN, **{key: str(event.value or "")})

        now = self._source.get(key, "")
        ui.select(dict(options), label=label, value=now if now in options else None, on_change=changed).props(
            "outlined dense options-dense"
        ).classes("field")


def slot_words(slot: Slot, template: Template, words: Words) -> tuple[str, str]:
    """What a variable is called, and the text around it."""
    part = next((each for each in parts_of(template.components) if _belongs(slot.key, each.where)), None)
    card = words("wizard.slot_card", number=part.card + 1) + " · " if part is not None and part.card is not None else ""
    last = slot.key.rpartition(".")[2]
    if slot.use is SlotUse.TEXT:
        return card + words("wizard.slot_text", name=f"{{{{{last}}}}}"), _around(part.text if part else "", last)
    label = str(part.spec.get("text", "")) if part is not None and part.index is not None else ""
    return card + words(f"wizard.slot_{slot.use}", label=label), ""


def _belongs(key: str, where: str) -> bool:
    return key == where or key.startswith(f"{where}.")


def _around(said: str, name: str, reach: int = 40) -> str:
    for found in PLACEHOLDER.finditer(said):
        if found[1] == name:
            before, after = said[: found.start()].replace("\n", " "), said[found.end() :].replace("\n", " ")
            if len(before) > reach:
                before = "… " + before[-reach:].partition(" ")[2]
            if len(after) > reach:
                after = after[:reach].rpartition(" ")[0] + " …"
            return f"{before}{found[0]}{after}"
    return ""
