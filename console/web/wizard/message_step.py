"""Step 2: what it says: sender, template, language, what fills it, and any row as that person will see it."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element

from campaign.drafting.choices import TemplateChoice, guessed_slots, slots_of_all, template_choices
from campaign.drafting.request import mapping_items
from campaign.errors import UsageError
from campaign.senders import list_senders
from campaign.templates.mapping import complete_mapping, parse_mapping
from campaign.templates.slots import parts_of
from console.web.desk.practice import first_number
from console.web.parts import ErrorLine, card, chip, text
from console.web.wizard.fields import choice, folded
from console.web.wizard.nav import back_and_forth
from console.web.wizard.outlook import coded
from console.web.wizard.preview import RowPhone
from console.web.wizard.slots import slot_form
from console.web.wizard.state import Wizard
from models.template import Template

_NOTHING = ""


async def message_step(wizard: Wizard) -> None:
    """The step."""
    await _MessageStep(wizard).build()


class _MessageStep:
    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._words = wizard, wizard.words
        self._templates: Sequence[Template] = ()
        self._columns: Sequence[str] = ()
        self._name_column: str | None = None
        self._choices: Element
        self._form: Element
        self._phone: RowPhone

    async def build(self) -> None:
        wizard, words = self._wizard, self._words
        senders = await wizard.visit.read(list_senders)
        if len(senders) == 1 and not wizard.content.sender:
            await wizard.change(sender=senders[0].name)
        with ui.element("div").classes("beside"):
            with ui.element("div"):
                with card(words("wizard.message_title")):
                    if not senders:
                        text(words("wizard.no_senders"), "p", "warning")
                        await first_number(wizard.visit, self._number_added)
                    names = {sender.name: f"{sender.name} · {words.state(sender.state)}" for sender in senders}
                    choice(wizard, "sender", words("wizard.sender"), names, then=self._sender_chosen)
                    self._choices = ui.element("div")
                self._form = ui.element("div")
            with ui.element("aside").classes("phone-side"):
                self._phone = RowPhone(wizard)
        errors = back_and_forth(wizard, "message", self._check)
        look = await wizard.look(errors)
        if look is not None:
            self._columns, self._name_column = look.columns, look.source.name_column
        await self._draw_choices()
        await self._draw_form()
        wizard.watchers.append(self._phone.draw)

    def _number_added(self) -> None:
        # Drawn from outside: who tells us stands in the step, which goes when it is drawn anew.
        with self._wizard.aside:
            ui.timer(0, lambda: self._wizard.show("message"), once=True)

    async def _sender_chosen(self) -> None:
        await self._wizard.change(template="", language="", language_column="", slots={}, opt_out_button=None)
        await self._draw_choices()
        await self._draw_form()

    async def _draw_choices(self) -> None:
        wizard, words = self._wizard, self._words
        self._choices.clear()
        if not wizard.content.sender:
            return
        found = await wizard.act(lambda sessions, _: _choices_of(sessions, wizard.content.sender), wizard.errors)
        with self._choices:
            text(words("wizard.template"), "h3")
            if not found:
                text(words("wizard.no_templates"), "p", "empty")
                return
            with ui.element("div").classes("picks").props(f'role="group" aria-label="{words("wizard.template")}"'):
                for each in found:
                    self._choice(each)
            text(words("variants.where"), "p", "hint")

    def _choice(self, each: TemplateChoice) -> None:
        words, content = self._words, self._wizard.content
        chosen = (each.name, each.language) == (content.template, content.language)
        field = ui.element("button").classes("pick" + (" chosen" if chosen else ""))
        field.props(f'type="button" aria-pressed="{"true" if chosen else "false"}"')
        if not each.usable:
            field.props("disabled")
        field.on("click", lambda: self._template_chosen(each))
        with field:
            with ui.element("span").classes("pick-top"):
                text(each.name, "span", "strong")
                text(each.language, "span", "hint")
                text(coded(words, f"wizard.category_{each.category}", each.category), "span", "chip")
                if each.status not in {"APPROVED"}:
                    chip(each.status, words)
            text(each.begins, "span", "pick-begins hint")
            if not each.usable:
                text(_why_not(each, words), "span", "bad-text hint")

    async def _template_chosen(self, each: TemplateChoice) -> None:
        wizard = self._wizard
        await wizard.change(
            template=each.name, language=each.language, language_column="", slots={}, opt_out_button=None
        )
        await self._read_templates()
        guessed = guessed_slots(slots_of_all(self._templates), self._columns, self._name_column)
        await wizard.change(slots=guessed)
        await self._draw_choices()
        await self._draw_form()

    async def _read_templates(self) -> None:
        self._templates = await self._wizard.templates()
        self._phone.templates = self._templates

    async def _draw_form(self) -> None:
        """What fills the template; the languages and the opt-out button beside it."""
        wizard, words = self._wizard, self._words
        await self._read_templates()
        self._form.clear()
        await self._phone.draw()
        if not self._templates:
            return
        with self._form, card(words("wizard.fill_title")):
            slots = slots_of_all(self._templates)
            if not any(not slot.optional for slot in slots):
                text(words("wizard.nothing_to_fill"), "p", "hint")
            for slot in (slot for slot in slots if not slot.optional):
                slot_form(wizard, slot, self._templates[0], self._columns)
            if optional := [slot for slot in slots if slot.optional]:
                with folded(words("wizard.optional_slots")):
                    for slot in optional:
                        slot_form(wizard, slot, self._templates[0], self._columns)
            with folded(words("wizard.languages_title"), opened=bool(wizard.content.language_column)):
                text(words("wizard.languages_hint", language=self._templates[0].language), "p", "hint")
                columns = {_NOTHING: words("wizard.one_language"), **{name: name for name in self._columns}}
                choice(wizard, "language_column", words("wizard.language_column"), columns, then=self._draw_form)
                if wizard.content.language_column:
                    told = ", ".join(template.language for template in self._templates)
                    text(words("wizard.languages_found", languages=told), "p", "hint")
            self._opt_out()

    def _opt_out(self) -> None:
        wizard, words = self._wizard, self._words
        replies = {
            part.index: str(part.spec.get("text", ""))
            for part in parts_of(self._templates[0].components)
            if part.kind == "button.quick_reply" and part.card is None
        }
        if not replies:
            return

        async def changed(event: Any) -> None:
            await wizard.change(opt_out_button=event.value)

        now = wizard.content.opt_out_button
        options = {None: words("wizard.opt_out_by_label"), **replies}
        ui.select(
            options, label=words("wizard.opt_out_button"), value=now if now in options else None, on_change=changed
        ).props("outlined dense").classes("field")

    async def _check(self, errors: ErrorLine) -> bool:
        """Every slot is filled, with something that it takes."""
        wizard, words = self._wizard, self._words
        look = await wizard.look(errors)
        if look is None:
            return False
        if not self._templates:
            errors.show(words("wizard.no_template"))
            return False
        settings, slots = wizard.visit.door.settings, slots_of_all(self._templates)

        def check(*_: object) -> bool:
            items = parse_mapping(mapping_items(wizard.content, settings))
            open_ = [slot.key for slot in slots if not slot.optional and slot.key not in items]
            if open_:
                raise UsageError(words("wizard.unfilled", slots=", ".join(open_)))
            complete_mapping(items, slots, look.columns)
            return True

        return bool(await wizard.act(check, errors))


def _choices_of(sessions: Any, sender: str) -> list[TemplateChoice]:
    with sessions() as session:
        return template_choices(session, sender)


def _why_not(each: TemplateChoice, words: Any) -> str:
    if each.unsupported:
        return str(words("wizard.why_parts", parts=", ".join(each.unsupported)))
    known = {"PAUSED", "PENDING", "REJECTED", "DISABLED"}
    return str(words(f"wizard.why_{each.status.lower()}" if each.status in known else "wizard.why_other"))
