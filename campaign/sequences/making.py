"""A new sequence: a campaign for each step, the list read once, everything kept together or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.creation import NewCampaign, audience_of, create_campaign
from campaign.errors import Conflict, UsageError
from campaign.later_steps import Ready, ready_wording
from campaign.media.keep import keep_files
from campaign.names import check_campaign_name
from campaign.scheduling.timing import check_columns
from campaign.senders import find_sender
from campaign.sequences import store
from campaign.sequences.steps import LaterStep, StepPlan
from campaign.settings import Settings
from models.audience import AudienceImport
from models.campaign import Campaign
from models.sender import Sender
from models.sequence import Sequence, SequenceStep
from models.session import Sessions, session_scope
from models.states import CampaignState

LONGEST_NAME = 90
"""Characters; the names of its campaigns are longer by a number."""


@dataclass(frozen=True, slots=True)
class NewSequence:
    """A sequence to be created.

    campaign  what the first step is created from; its name is the sequence's, and the steps say its template
    plan      the steps
    """

    campaign: NewCampaign
    plan: StepPlan


def step_name(name: str, number: int) -> str:
    """What the campaign of a step is called."""
    return f"{name} {number}"


def create_sequence(
    sessions: Sessions,
    new: NewSequence,
    *,
    now: datetime,
    settings: Settings,
    progress: Callable[[int], None] = lambda rows: None,
) -> Sequence:
    """Create a draft with its list. `sessions` have to share one transaction, such as those of an audited act.

    raises  UsageError, NotFound, BadList or Conflict, naming the step
    """
    _check(new, now)
    first_request = replace(
        new.campaign,
        name=step_name(new.campaign.name, 1),
        template=new.plan.first.template,
        language=new.plan.first.language,
        mapping=new.plan.first.mapping,
        later=[step.wording for step in new.plan.later],
    )
    made = create_campaign(
        sessions, first_request, now=now, chunk_rows=settings.import_chunk_rows, settings=settings, progress=progress
    )
    try:
        with session_scope(sessions) as session:
            return _keep(session, new, session.get_one(Campaign, made.id), now)
    except IntegrityError as error:
        if "uq_sequence_name" in str(error.orig):
            raise _taken(new.campaign.name) from None
        if "uq_campaign_name" in str(error.orig):
            raise Conflict(f"a campaign is called like a step of {new.campaign.name}; choose another name") from None
        raise


def _check(new: NewSequence, now: datetime) -> None:
    asked = new.campaign
    check_campaign_name(asked.name)
    if len(asked.name) > LONGEST_NAME:
        raise UsageError(
            f"{asked.name[:20]}… is too long for a sequence: use at most {LONGEST_NAME} characters, since each step "
            "adds its number"
        )
    if asked.variants or asked.winner or asked.language_column:
        raise UsageError("a sequence takes neither variants nor a column of languages; each step has one template")
    for number, wait in enumerate(new.plan.earliest, start=1):
        earliest = max(now, asked.start_at or now) + wait
        if asked.deadline_at is not None and earliest >= asked.deadline_at:
            raise UsageError(
                f"step {number} comes {earliest:%Y-%m-%d %H:%M} UTC at the earliest, and --deadline "
                f"{asked.deadline_at:%Y-%m-%d %H:%M} UTC is before; give a later one or shorter delays"
            )


def _keep(session: Session, new: NewSequence, first: Campaign, now: datetime) -> Sequence:
    if store.find_sequence(session, new.campaign.name) is not None:
        raise _taken(new.campaign.name)
    sequence = Sequence(name=new.campaign.name, steps=len(new.plan.later) + 1)
    session.add(sequence)
    session.flush()
    _add_step(session, sequence, first, 1, None, new)
    listing = audience_of(session, first)
    sender = session.get_one(Sender, first.sender_id)
    for number, step in enumerate(new.plan.later, start=2):
        ready = ready_wording(session, sender, step.wording, listing.columns, number=number)
        check_columns(new.campaign.timing, ready.template.category, listing.columns)
        campaign = _step_campaign(session, new, first, ready)
        _add_list(session, campaign, listing, step_name(sequence.name, number - 1))
        store.copy_zone_groups(session, first.id, campaign.id, now)
        _add_step(session, sequence, campaign, number, step, new)
    store.add_people(session, sequence.id, first.id, now)
    return sequence


def _step_campaign(session: Session, new: NewSequence, first: Campaign, ready: Ready) -> Campaign:
    """The campaign of a later step: like the first, with a template of its own and nobody in it yet."""
    template = ready.template
    campaign = Campaign(
        name=step_name(new.campaign.name, ready.number),
        sender_id=find_sender(session, new.campaign.sender).id,
        template_id=template.id,
        category=template.category,
        mapping=keep_files(session, ready.mapping, ready.slots),
        region=first.region,
        rate_mps=first.rate_mps,
        hold_policy=first.hold_policy,
        # A canary would hold up everybody for the first few who come.
        **replace(new.campaign.policies, canary=None).columns(template.category),
        us_marketing=first.us_marketing,
        state=CampaignState.DRAFT.value,
        deadline_at=first.deadline_at,
        zone=first.zone,
        zone_column=first.zone_column,
        sending_window=first.sending_window,
        per_hour=first.per_hour,
        per_day=first.per_day,
    )
    session.add(campaign)
    session.flush()
    return campaign


def _add_list(session: Session, campaign: Campaign, listing: AudienceImport, before: str) -> None:
    """A step's list are the people who came from the step before; rows keep the numbers of the first list."""
    imported = AudienceImport(
        campaign_id=campaign.id, file_name=f"people from {before}", sha256="", columns=listing.columns,
        phone_column=listing.phone_column, row_count=0, message_count=0, rejected_count=0,
        reading=listing.reading,
    )  # fmt: skip
    session.add(imported)
    session.flush()


def _add_step(
    session: Session, sequence: Sequence, campaign: Campaign, number: int, step: LaterStep | None, new: NewSequence
) -> None:
    session.add(
        SequenceStep(
            sequence_id=sequence.id,
            number=number,
            campaign_id=campaign.id,
            condition=step.after.value if step else None,
            delay_s=int(step.delay.total_seconds()) if step else 0,
            patience_s=int(step.patience.total_seconds()) if step else 0,
            reply_ends=new.plan.ends_at_reply(number),
        )
    )
    session.flush()


def _taken(name: str) -> Conflict:
    return Conflict(f"sequence {name} exists already; choose another name, or see campaign sequences show {name}")
