"""`/templates`: what may be said, what lint finds in it, and how a person will see it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from campaign.access import templates as acts
from campaign.access.roles import Act
from campaign.senders import find_sender
from campaign.templates.find import find_template_by_id, list_templates
from campaign.templates.findings import Finding
from campaign.templates.lint import lint_template
from campaign.templates.preview import examples, preview
from campaign.templates.sync import SyncResult
from campaign.templates.try_values import prepared
from console.api.door import Acting, Doored, Look
from console.api.shapes import Answer, Body, TemplateOut
from console.api.words import Id, Plain, Text
from tasks.wiring import provider_for

router = APIRouter(tags=["templates"])

Value = Annotated[Plain, Field(max_length=5000)]


class SyncIn(Body):
    """Whose templates are to be read."""

    sender: Text


class ValuesIn(Body):
    """Slot to text, such as `{"body.1": "Ann"}`; null shows where each value will stand."""

    values: Annotated[dict[Text, Value] | None, Field(max_length=200)] = None


class PreviewOut(Answer):
    """The text that a person will see, and what lint finds."""

    text: str
    findings: Sequence[Finding]


@router.get("/templates")
def templates(session: Look, sender: Annotated[str | None, Query(max_length=63)] = None) -> list[TemplateOut]:
    """Templates as of the last sync, of one sender if it is named."""
    return [TemplateOut.model_validate(template) for template in list_templates(session, sender)]


@router.post("/templates/sync")
def sync(body: SyncIn, door: Doored, by: Acting) -> SyncResult:
    """Read all templates of a sender's account from the platform. Campaigns follow what it says."""
    by.require(Act.SYNC_TEMPLATES)
    with door.sessions() as session:
        found = find_sender(session, body.sender)

    async def asking() -> SyncResult:
        provider = provider_for(found)
        try:
            return await acts.sync(door.sessions, by, found, provider, now=door.clock())
        finally:
            await provider.aclose()

    return asyncio.run(asking())


@router.get("/templates/{id}")
def template(id: Id, session: Look) -> TemplateOut:
    """One language of one template."""
    return TemplateOut.model_validate(find_template_by_id(session, id))


@router.get("/templates/{id}/lint")
def lint(id: Id, session: Look) -> list[Finding]:
    """What the platform would refuse, and what people would dislike."""
    return lint_template(find_template_by_id(session, id))


@router.post("/templates/{id}/preview")
def show(id: Id, body: ValuesIn, session: Look) -> PreviewOut:
    """The text that a person will see with these values; without any, where each will stand."""
    found = find_template_by_id(session, id)
    shape = found.components, found.parameter_format
    values = examples(*shape) if body.values is None else prepared(found, body.values)
    return PreviewOut(text=preview(*shape, values, category=found.category), findings=lint_template(found))
