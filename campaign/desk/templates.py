"""Templates as they are listed: what the platform says of them, and which live campaigns depend on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.desk import store
from campaign.templates.find import find_template_by_id
from campaign.templates.findings import Finding, Level
from campaign.templates.lint import lint_template
from campaign.templates.preview import examples
from campaign.templates.slots import slots_of
from campaign.templates.store import templates_of
from models.template import Template


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One language of a template.

    senders            names of the numbers that may send it
    campaigns          live campaigns that use it
    held               messages of those that WhatsApp holds back while it watches the template (pacing)
    errors, warnings   what lint finds
    """

    id: int
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    senders: Sequence[str]
    campaigns: int
    held: int
    errors: int
    warnings: int
    synced_at: datetime


def list_lines(session: Session) -> list[TemplateLine]:
    """Every template by name and language."""
    use = {row.template_id: row for row in store.template_use(session)}
    senders = store.senders_by_account(session)
    found = templates_of(session)
    lines = [_line(each, senders.get(each.account, ()), use.get(each.id)) for each in found]
    return sorted(lines, key=lambda line: (line.name, line.language, line.id))


def _line(template: Template, senders: Sequence[str], use: store.TemplateUse | None) -> TemplateLine:
    levels = [finding.level for finding in lint_template(template)]
    return TemplateLine(
        id=template.id, name=template.name, language=template.language, category=template.category,
        status=template.status, quality=template.quality, senders=senders,
        campaigns=use.campaigns if use else 0, held=use.held if use else 0,
        errors=levels.count(Level.ERROR), warnings=levels.count(Level.WARNING), synced_at=template.synced_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TemplateView:
    """One language of a template with all that a page shows of it.

    values     what stands in for each slot
    slots      key of each slot, and whether it may stay empty
    campaigns  id, name and state of live campaigns that use it
    """

    template: Template
    senders: Sequence[str]
    values: Mapping[str, str]
    slots: Sequence[tuple[str, bool]]
    findings: Sequence[Finding]
    campaigns: Sequence[tuple[int, str, str]]


def view_template(session: Session, template_id: int) -> TemplateView:
    """One language of a template.

    raises  NotFound
    """
    found = find_template_by_id(session, template_id)
    shape = found.components, found.parameter_format
    return TemplateView(
        found,
        store.senders_by_account(session).get(found.account, ()),
        examples(*shape),
        [(slot.key, slot.optional) for slot in slots_of(*shape)],
        lint_template(found),
        [(row.id, row.name, row.state) for row in store.campaigns_with(session, template_id)],
    )
