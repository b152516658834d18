"""A new campaign: its template, its mapping and its list, checked and kept together or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.audience.bounds import DEFAULT_BOUNDS, bounds_of
from campaign.audience.load import load_audience
from campaign.audience.opening import Reading, audience_name, open_audience
from campaign.audience.phone import LANDLINES, SERVICES, checked_region, zones_of_phone
from campaign.audience.source import ListSource
from campaign.audience.uploads import keep_upload, uploads_folder
from campaign.consent.exclusions import check_not_messaged_within, keep_quiet_list
from campaign.errors import Conflict, UsageError
from campaign.later_steps import ListFiller, StepsFiller, Wording, ready_wording
from campaign.media.keep import keep_files
from campaign.names import check_campaign_name, listed
from campaign.policies import Policies
from campaign.scheduling.groups import ZoneBook
from campaign.scheduling.placing import keep_groups, keep_timing
from campaign.scheduling.timing import CheckedTiming, Timing, check_columns, check_timing
from campaign.senders import find_sender
from campaign.settings import Settings, current_settings
from campaign.templates.choice import LanguageFiller, all_slots
from campaign.templates.components import OPT_OUT
from campaign.templates.fill import TemplateOf
from campaign.templates.find import find_template, other_languages, require_sendable
from campaign.templates.mapping import complete_mapping, parse_mapping
from campaign.templates.slots import parts_of
from campaign.variants.keeping import keep_variants, variant_filler, variant_templates
from campaign.variants.shares import VariantTerms, WinnerTerms, check_variants
from models.audience import AudienceImport
from models.campaign import Campaign, HoldPolicy
from models.session import Sessions, reading_beside, session_scope
from models.states import CampaignState
from models.template import Template


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to be created.

    audience         a file, `contacts`, the address of a database or `env:VARIABLE` that holds one
    mapping          `--map` items, see campaign.templates.mapping
    language         of the template; with `language_column`, for who names none that the template has
    language_column  column of the list that says a person's language
    opt_out_button   position of a quick reply that opts out, beside those whose label says so
    region           country of phones written without one, ISO 3166
    rate_mps         a cap below the sender's rate, messages per second
    policies         what it does when in doubt, its priority, its canary
    us_marketing     lets marketing go to American numbers; None is as the settings say
    exclude          a quiet list: people whom this campaign leaves out
    reading          how the audience is to be read: sheet, query, filter, kinds of phones
    not_messaged_within_days  leaves out whom another campaign has written to in so many days
    variants        several templates, each to a share of the list; winner decides what the rest of it gets
    later           of a sequence: what the steps after this one will say, filled from the same rows
    """

    name: str
    sender: str
    template: str
    language: str
    audience: Path | str
    mapping: Sequence[str] = ()
    language_column: str | None = None
    opt_out_button: int | None = None
    phone_column: str | None = None
    region: str | None = None
    start_at: datetime | None = None
    deadline_at: datetime | None = None
    rate_mps: int | None = None
    hold_policy: HoldPolicy = HoldPolicy.PAUSE
    policies: Policies = field(default_factory=Policies)
    us_marketing: bool | None = None
    exclude: Path | None = None
    not_messaged_within_days: int | None = None
    reading: Reading = field(default_factory=Reading)
    timing: Timing = field(default_factory=Timing)
    schedule_run_id: int | None = None
    variants: Sequence[VariantTerms] = ()
    winner: WinnerTerms | None = None
    later: Sequence[Wording] = ()

    @property
    def audience_name(self) -> str:
        """What the list is called, without anything secret."""
        return audience_name(self.audience)


def create_campaign(
    sessions: Sessions,
    request: NewCampaign,
    *,
    now: datetime,
    chunk_rows: int = 20_000,
    settings: Settings | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Campaign:
    """Create a draft with its audience, all in one transaction: after an error nothing of it exists.

    settings  name the bounds of the list, and where its file is kept; without them it is not
    progress  called with the rows read so far
    raises    UsageError, NotFound, BadList or Conflict, each naming the thing and the next step
    """
    timing = _check_request(request, settings, now)
    bounds = bounds_of(settings) if settings else DEFAULT_BOUNDS
    source = open_audience(
        sessions, request.audience, request.reading, phone_column=request.phone_column, bounds=bounds
    )
    try:
        with reading_beside(sessions) as ledger, session_scope(sessions) as session:
            templates = _templates(session, request, source.columns)
            check_columns(request.timing, templates[0].category, source.columns)
            campaign = _draft(session, request, templates, source.columns)
            keep_timing(campaign, timing)
            zoning = ZoneBook.of(timing, max(now, request.start_at or now), zones_of_phone)
            keep_quiet_list(session, campaign, request.exclude)
            campaign.mapping = keep_files(session, campaign.mapping, all_slots(templates))
            fill = _filler(session, request, campaign, templates, source, now)
            imported = load_audience(
                session, campaign, source,
                fill=fill, template_of=_template_of(request, fill), phone_types=_phone_types(request.reading),
                zoning=zoning, ledger=ledger, chunk_rows=chunk_rows, now=now, progress=progress,
            )  # fmt: skip
            keep_groups(session, campaign, zoning, now)
            if request.variants:
                keep_variants(session, campaign, request.variants, _variants(session, request), request.winner)
            imported.notes = fill.notes
            imported.reading = imported.reading | {"taken_too": request.reading.taken_too}
            keep_upload(session, source, uploads_folder(settings) if settings else None)
            return campaign
    except IntegrityError as error:
        if "uq_campaign_name" in str(error.orig):
            raise _name_taken(request.name) from None
        raise


def _filler(
    session: Session,
    request: NewCampaign,
    campaign: Campaign,
    templates: Sequence[Template],
    source: ListSource,
    now: datetime,
) -> ListFiller:
    fill: ListFiller
    if not request.variants:
        fill = LanguageFiller(templates, campaign.mapping, request.language_column, now)
    else:
        fill = variant_filler(
            campaign, _variants(session, request), request.variants,
            phone_column=source.phone_column, phone_types=_phone_types(request.reading),
            now=now, keep_all=request.winner is not None,
        )  # fmt: skip
    if not request.later:
        return fill
    sender = find_sender(session, request.sender)
    later = [
        ready_wording(session, sender, wording, source.columns, number=number)
        for number, wording in enumerate(request.later, start=2)
    ]
    return StepsFiller(fill, later, now)


def _template_of(request: NewCampaign, fill: ListFiller) -> TemplateOf | None:
    # Where everybody gets the campaign's own, no row need be asked.
    return fill.template_id if request.language_column or request.variants else None


def _variants(session: Session, request: NewCampaign) -> dict[str, Template]:
    sender = find_sender(session, request.sender)
    own = find_template(session, sender, request.template, request.language)
    return variant_templates(session, sender, own, request.variants)


def _phone_types(reading: Reading) -> frozenset[int]:
    return (LANDLINES if reading.landlines else frozenset()) | (SERVICES if reading.services else frozenset())


def rehearse(
    sessions: Sessions, request: NewCampaign, *, now: datetime, settings: Settings | None = None
) -> ListSource:
    """Everything that `create_campaign` checks before it reads the rows; nothing is kept. The list as it was found.

    raises  UsageError, NotFound, BadList or Conflict
    """
    _check_request(request, settings, now)
    bounds = bounds_of(settings) if settings else DEFAULT_BOUNDS
    source = open_audience(
        sessions, request.audience, request.reading, phone_column=request.phone_column, bounds=bounds
    )
    with sessions() as session:
        templates = _templates(session, request, source.columns)
        check_columns(request.timing, templates[0].category, source.columns)
        _draft(session, request, templates, source.columns)
    return source


def audience_of(session: Session, campaign: Campaign) -> AudienceImport:
    """The list that the campaign was created from, with its counts."""
    return session.scalars(select(AudienceImport).where(AudienceImport.campaign_id == campaign.id)).one()


def _check_request(request: NewCampaign, settings: Settings | None, now: datetime) -> CheckedTiming:
    check_campaign_name(request.name)
    check_not_messaged_within(request.not_messaged_within_days)
    check_variants(
        request.variants, request.winner,
        canary=request.policies.canary is not None, language_column=request.language_column is not None,
    )  # fmt: skip
    if request.rate_mps is not None and request.rate_mps < 1:
        raise UsageError(f"--rate {request.rate_mps} is not a rate; give at least 1 message per second")
    if request.deadline_at and request.start_at and request.deadline_at <= request.start_at:
        raise UsageError(f"--deadline {request.deadline_at} is not after --at {request.start_at}; correct one of them")
    return check_timing(
        request.timing, start_at=request.start_at, deadline_at=request.deadline_at,
        default_window=settings.default_window if settings else None, now=now,
    )  # fmt: skip


def _templates(session: Session, request: NewCampaign, columns: Sequence[str]) -> list[Template]:
    """The template in its own language first, and with a column of languages in all others that can be sent."""
    if session.scalar(select(Campaign.id).where(Campaign.name == request.name)) is not None:
        raise _name_taken(request.name)
    sender = find_sender(session, request.sender)
    template = find_template(session, sender, request.template, request.language)
    require_sendable(template)
    if request.variants:
        others = variant_templates(session, sender, template, request.variants).values()
        return [template, *(other for other in others if other.id != template.id)]
    if request.language_column is None:
        return [template]
    if request.language_column not in columns:
        raise UsageError(
            f"--language-column {request.language_column}: the list has no such column (found {listed(columns)})"
        )
    return [template, *other_languages(session, template)]


def _draft(session: Session, request: NewCampaign, templates: Sequence[Template], columns: Sequence[str]) -> Campaign:
    template = templates[0]
    policies = request.winner.policies(request.policies) if request.winner else request.policies
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
        **policies.columns(template.category),
        us_marketing=current_settings().us_marketing if request.us_marketing is None else request.us_marketing,
        not_messaged_within_days=request.not_messaged_within_days,
        state=CampaignState.DRAFT.value,
        start_at=request.start_at,
        deadline_at=request.deadline_at,
        schedule_run_id=request.schedule_run_id,
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
