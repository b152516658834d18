"""From a draft to the campaign that it describes, and back: made once all is chosen, taken back when that changes."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.access import campaigns as acts
from campaign.access.audit import audited
from campaign.access.drafts import find_draft, save_draft, throw_away
from campaign.access.roles import Act, Actor
from campaign.drafting import store
from campaign.drafting.content import RECUR, DraftContent
from campaign.drafting.request import new_campaign, new_schedule
from campaign.errors import Conflict, NotFound
from campaign.schedules.making import create_schedule
from campaign.settings import Settings
from models.campaign import Campaign
from models.schedule import Schedule
from models.session import Sessions
from models.states import CampaignState


def make(
    sessions: Sessions, by: Actor, draft_id: int, settings: Settings, *, now: datetime, progress: Callable[[int], None]
) -> Campaign:
    """Make the campaign of a draft, not launched, and note it in the draft. One that was made before is given again.

    raises  Forbidden, and whatever campaign.creation.create_campaign raises; Conflict when the draft changed meanwhile
    """
    with sessions() as session:
        draft = find_draft(session, draft_id)
        content, version = DraftContent.from_json(draft.content), draft.version
        before = made_of(session, content)
    if before is not None:
        return before
    request = new_campaign(content, settings, now=now)
    campaign = acts.create(
        sessions, by, request, now=now,
        chunk_rows=settings.import_chunk_rows, settings=settings, progress=progress,
    )  # fmt: skip
    try:
        noted = content.changed(made={"id": campaign.id, "name": campaign.name})
        save_draft(sessions, by, draft_id, version, noted.as_json(), now=now)
    except (Conflict, NotFound):
        acts.delete_draft(sessions, by, campaign.name)
        raise
    return campaign


def unmake(sessions: Sessions, by: Actor, content: DraftContent) -> DraftContent:
    """Take back the campaign that was made from a draft; the draft without it.

    raises  Forbidden, Conflict when it was launched meanwhile
    """
    with sessions() as session:
        made = made_of(session, content)
    if made is not None:
        acts.delete_draft(sessions, by, made.name)
    return content.changed(made={})


def made_of(session: Session, content: DraftContent) -> Campaign | None:
    """The campaign that was made from a draft, if it is still there under its name."""
    found = store.campaign_if_there(session, content.campaign_id) if content.made else None
    return found if found is not None and found.name == content.campaign_name else None


def launched(session: Session, content: DraftContent) -> Campaign | None:
    """The campaign that was made from a draft, when somebody has launched it."""
    made = made_of(session, content)
    return made if made is not None and made.state != CampaignState.DRAFT else None


def launch(
    sessions: Sessions, by: Actor, draft_id: int, content: DraftContent, settings: Settings, *, now: datetime
) -> Campaign:
    """Launch the campaign of a draft, or ask for a second person's word. Launched, the draft is done with.

    raises  Forbidden, Conflict, NotFound
    """
    campaign = acts.launch(sessions, by, content.campaign_name, now=now, approval_above=settings.approval_above)
    if campaign.state != CampaignState.DRAFT:
        throw_away(sessions, by, draft_id)
    return campaign


def approve(sessions: Sessions, by: Actor, draft_id: int, content: DraftContent, *, now: datetime) -> Campaign:
    """Say yes to the launch that somebody else asked for, and launch.

    raises  Forbidden, Conflict, NotFound
    """
    campaign = acts.approve(sessions, by, content.campaign_name, now=now)
    throw_away(sessions, by, draft_id)
    return campaign


def begin_schedule(
    sessions: Sessions, by: Actor, draft_id: int, content: DraftContent, settings: Settings, *, now: datetime
) -> Schedule:
    """Keep the schedule of a draft that recurs; the campaign that showed whom it reaches is taken back.

    raises  Forbidden, UsageError, NotFound, BadList, Conflict
    """
    by.require(Act.LAUNCH)
    if content.start != RECUR:
        raise Conflict("this draft does not repeat; launch it instead")
    new = new_schedule(content, settings, now=now)
    # Its trial has the name that the runs are called after; what stays wrong then leaves the draft as it is.
    without = unmake(sessions, by, content)
    with audited(sessions, by, Act.CHANGE_SCHEDULE, f"schedule:{new.campaign.name}") as act:
        schedule = create_schedule(act.sessions, new, now=now, settings=settings)
        act.after = {"rule": new.rule, "zone": new.zone, "template": without.template, "sender": without.sender}
    throw_away(sessions, by, draft_id)
    return schedule
