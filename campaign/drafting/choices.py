"""What a draft can choose from: senders, their templates with the reason why one cannot be sent, and free names."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaign.drafting import store
from campaign.senders import find_sender
from campaign.templates.components import unsupported_parts
from campaign.templates.find import find_template, other_languages
from campaign.templates.slots import Slot, slots_of
from campaign.templates.store import templates_of
from models.template import Template


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """One template in one language. `unsupported` are parts that cannot be filled; a person can take it without any."""

    name: str
    language: str
    category: str
    status: str
    quality: str | None
    sendable: bool
    unsupported: Sequence[str]
    begins: str

    @property
    def usable(self) -> bool:
        """Whether a campaign can be made with it."""
        return self.sendable and not self.unsupported


def template_choices(session: Session, sender: str) -> list[TemplateChoice]:
    """The templates that a sender might send, those that it can first.

    raises  NotFound when there is no such sender
    """
    account = find_sender(session, sender).account
    found = [_choice(template) for template in templates_of(session, account=account)]
    return sorted(found, key=lambda each: (not each.usable, each.name, each.language))


def chosen_templates(session: Session, sender: str, name: str, language: str, *, others: bool) -> list[Template]:
    """The template in its own language first, then in all others that could be sent when `others` are wanted.

    raises  NotFound
    """
    template = find_template(session, find_sender(session, sender), name, language)
    return [template, *(other_languages(session, template) if others else [])]


def guessed_slots(slots: Sequence[Slot], columns: Sequence[str], name_column: str | None) -> dict[str, dict[str, str]]:
    """A first filling: the column of the same name, and the person's name for the first variable of the text."""
    guessed = {}
    for slot in slots:
        if slot.name is not None and slot.name in columns:
            guessed[slot.key] = {"kind": "column", "column": slot.name}
        elif slot.key == "body.1" and name_column is not None and slot.use == "text":
            guessed[slot.key] = {"kind": "column", "column": name_column}
    return guessed


def name_taken(session: Session, name: str, *, but: int = 0) -> bool:
    """Whether a campaign or a schedule has a name; `but` is the id of the draft's own campaign."""
    return store.name_taken(session, name, but=but)


def _choice(template: Template) -> TemplateChoice:
    body = next((part for part in template.components if str(part.get("type", "")).upper() == "BODY"), {})
    return TemplateChoice(
        name=template.name,
        language=template.language,
        category=template.category,
        status=template.status,
        quality=template.quality,
        sendable=template.sendable,
        unsupported=unsupported_parts(template.components),
        begins=" ".join(str(body.get("text", "")).split())[:160],
    )


def slots_of_all(templates: Sequence[Template]) -> list[Slot]:
    """The slots of a template in all languages together."""
    found: dict[str, Slot] = {}
    for template in templates:
        for slot in slots_of(template.components, template.parameter_format):
            found.setdefault(slot.key, slot)
    return list(found.values())
