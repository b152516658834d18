"""A new campaign: its template, its mapping and its list, checked and kept together or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.audience.load import load_audience
from campaign.audience.phone import checked_region
from campaign.audience.source import open_list
from campaign.errors import Conflict, UsageError
from campaign.media.keep import keep_files
from campaign.names import check_campaign_name, listed
from campaign.senders import find_sender
from campaign.templates.choice import LanguageFiller, all_slots
from campaign.templates.components import OPT_OUT
from campaign.templates.find import find_template, other_languages, require_sendable
from campaign.templates.mapping import complete_mapping, parse_mapping
from campaign.templates.slots import parts_of
from models.audience import AudienceImport
from models.campaign import Campaign, HoldPolicy
from models.session import Sessions, session_scope
from models.states import CampaignState
from models.template import Template


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to be created.

    mapping          `--map` items, see campaign.templates.mapping
    language         of the template; with `language_column`, for who names none that the template has
    language_column  column of the list that says a person's language
    opt_out_button   position of a quick reply that opts out, beside those whose label says so
    region           country of phones written without one, ISO 3166
    rate_mps         a cap below the sender's rate, messages per second
    """

    name: str
    sender: str
    template: str
    language: str
    audience: Path
    mapping: Sequence[str] = ()
    language_column: str | None = None
    opt_out_button: int | None = None
    phone_column: str | None = None
    region: str | None = None
    start_at: datetime | None = None
    deadline_at: datetime | None = None
    rate_mps: int | None = None
    hold_policy: HoldPolicy = HoldPolicy.PAUSE


def create_campaign(
    sessions: Sessions,
    request: NewCampaign,
    *,
    now: datetime,
    chunk_rows: int = 20_000,
    progress: Callable[[int], None] = lambda rows: None,
) -> Campaign:
    """Create a draft with its audience, all in one transaction: after an error nothing of it exists.

    progress  called with the rows read so far
    raises    UsageError, NotFound, BadList or Conflict, each naming the thing and the next step
    """
    _check_request(request)
    source = open_list(request.audience, phone_column=request.phone_column)
    try:
        with session_scope(sessions) as session:
            templates = _templates(session, request, source.columns)
            campaign = _draft(session, request, templates, source.columns)
            campaign.mapping = keep_files(session, campaign.mapping, all_slots(templates))
            fill = LanguageFiller(templates, campaign.mapping, request.language_column, now)
            imported = load_audience(
                session, campaign, source,
                fill=fill, template_of=fill.template_id, chunk_rows=chunk_rows, now=now, progress=progress,
            )  # fmt: skip
            imported.notes = fill.notes
            return campaign
    except IntegrityError as error:
        if "uq_campaign_name" in str(error.orig):
            raise _name_taken(request.name) from None
        raise


def audience_of(session: Session, campaign: Campaign) -> AudienceImport:
    """The list that the campaign was created from, with its counts."""
    return session.scalars(select(AudienceImport).where(AudienceImport.campaign_id == campaign.id)).one()


def _check_request(request: NewCampaign) -> None:
    check_campaign_name(request.name)
    if request.rate_mps is not None and request.rate_mps < 1:
        raise UsageError(f"--rate {request.rate_mps} is not a rate; give at least 1 message per second")
    if request.deadline_at and request.start_at and request.deadline_at <= request.start_at:
        raise UsageError(f"--deadline {request.deadline_at} is not after --at {request.start_at}; correct one of them")


def _templates(session: Session, request: NewCampaign, columns: Sequence[str]) -> list[Template]:
    """The template in its own language first, and with a column of languages in all others that can be sent."""
    if session.scalar(select(Campaign.id).where(Campaign.name == request.name)) is not None:
        raise _name_taken(request.name)
    sender = find_sender(session, request.sender)
    template = find_template(session, sender, request.template, request.language)
    require_sendable(template)
    if request.language_column is None:
        return [template]
    if request.language_column not in columns:
        raise UsageError(
            f"--language-column {request.language_column}: the list has no such column (found {listed(columns)})"
        )
    return [template, *other_languages(session, template)]


def _draft(session: Session, request: NewCampaign, templates: Sequence[Template], columns: Sequence[str]) -> Campaign:
    template = templates[0]
    campaign = Campaign(
        name=request.name,
        sender_id=find_sender(session, request.sender).id,
        template_id=template.id,
        template_ids=[other.id for other in templates[1:]],
        language_column=request.language_column,
        category=template.category,
        mapping=_mapping(request, templates, columns),
        region=checked_region(request.region),
        rate_mps=request.rate_mps,
        hold_policy=request.hold_policy.value,
        state=CampaignState.DRAFT.value,
        start_at=request.start_at,
        deadline_at=request.deadline_at,
    )
    session.add(campaign)
    session.flush()
    return campaign


def _mapping(request: NewCampaign, templates: Sequence[Template], columns: Sequence[str]) -> dict[str, Any]:
    mapping = complete_mapping(parse_mapping(request.mapping), all_slots(templates), columns)
    if request.opt_out_button is not None:
        for template in templates:
            key = f"button.{_quick_reply(request.opt_out_button, template)}"
            if "column" in mapping.get(key, {}) or "text" in mapping.get(key, {}):
                raise UsageError(f"--map {key}: the payload of an opt-out button cannot be mapped; leave it out")
            mapping[key] = dict(OPT_OUT)
    return mapping


def _quick_reply(index: int, template: Template) -> int:
    labels = {
        part.index: part.spec.get("text") for part in parts_of(template.components) if part.kind == "button.quick_reply"
    }
    if index not in labels:
        there = ", ".join(f"{i} ({label})" for i, label in labels.items()) or "none"
        raise UsageError(
            f"--opt-out-button {index} is not a quick reply of {template.name}; its quick replies: {there}"
        )
    return index


def _name_taken(name: str) -> Conflict:
    return Conflict(f"campaign {name} exists already; choose another name, or see campaign status {name}")
