"""What a campaign goes through: launch, pause with a reason, resume, cancel; how it is created stands in creation.py.

Every move goes through `models.states.campaign_may_move` with the campaign's row locked, so that two doors used at
once agree. Workers see a move at their next claim.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign import store
from campaign.errors import Conflict, NotFound
from campaign.names import nearest
from campaign.scheduling.placing import begin
from campaign.templates.find import require_sendable
from models.campaign import Campaign
from models.sender import Sender, SenderState
from models.session import Sessions, session_scope
from models.states import CampaignState, PauseReason, campaign_may_move
from models.template import Template

CANCELLED = "cancelled"
"""The reason of messages that a cancelled campaign did not send."""


def launch(sessions: Sessions, name: str, *, now: datetime) -> Campaign:
    """Start a draft at once, or schedule it when its start is still to come.

    raises  Conflict when it was launched before, or its template, sender or deadline forbids it
    """
    with session_scope(sessions) as session:
        campaign = _locked(session, name)
        _require(campaign, "launched", CampaignState.DRAFT)
        _refuse_unready(session, campaign, now)
        _start_or_schedule(session, campaign, now)
        return campaign


def pause(sessions: Sessions, name: str) -> Campaign:
    """Stop sending until a person resumes; a pause of the engine's own becomes a person's.

    raises  Conflict when there is nothing to pause
    """
    with session_scope(sessions) as session:
        campaign = _locked(session, name)
        paused_by_engine = campaign.state == CampaignState.PAUSED and campaign.state_reason != PauseReason.OPERATOR
        if not paused_by_engine:
            _require(campaign, "paused", CampaignState.RUNNING, CampaignState.SCHEDULED)
            _move(campaign, CampaignState.PAUSED)
        campaign.state_reason = PauseReason.OPERATOR
        campaign.state_text = f"Paused by a person; goes on with campaign resume {name}."
        return campaign


def resume(sessions: Sessions, name: str, *, now: datetime) -> Campaign:
    """Go on with a paused campaign; one that was paused before its start waits for it again.

    raises  Conflict when it is not paused, or its template, sender or deadline forbids it
    """
    with session_scope(sessions) as session:
        campaign = _locked(session, name)
        _require(campaign, "resumed", CampaignState.PAUSED)
        _refuse_unready(session, campaign, now)
        if campaign.canary_left == 0:
            # Whoever goes on before the judgement, or in spite of it, has judged.
            campaign.canary_left = campaign.canary_until = None
        campaign.resumed_at = now
        _start_or_schedule(session, campaign, now)
        return campaign


def cancel(sessions: Sessions, name: str, *, now: datetime) -> Campaign:
    """End a campaign for good: what is queued is skipped, what was claimed is finished.

    raises  Conflict when it has ended already
    """
    with session_scope(sessions) as session:
        campaign = _locked(session, name)
        _require(campaign, "cancelled", *(s for s in CampaignState if campaign_may_move(s, CampaignState.CANCELLED)))
        _move(campaign, CampaignState.CANCELLED)
        campaign.ended_at = now
        session.flush()
        store.skip_queued(session, campaign.id, CANCELLED)
        return campaign


def start_due(sessions: Sessions, *, now: datetime, late_start: timedelta) -> list[int]:
    """Start the scheduled campaigns whose time has come; ids of those that run now.

    One that is more than `late_start` late waits for a person; one whose template or sender cannot send is paused, says
    why, and starts when that is over.
    """
    with session_scope(sessions) as session:
        due = store.lock_due(session, now)
        for campaign in due:
            scheduled = campaign.state == CampaignState.SCHEDULED
            late = _lateness(campaign, now, late_start) if scheduled else None
            obstacle = late or _obstacle(session, campaign)
            if obstacle is None:
                _start_or_schedule(session, campaign, now)
                continue
            if scheduled:
                _move(campaign, CampaignState.PAUSED)
            campaign.state_reason, campaign.state_text = obstacle
        return [campaign.id for campaign in due if campaign.state == CampaignState.RUNNING]


def pause_by_engine(
    session: Session, campaign_ids: Sequence[int], reason: PauseReason, text: str, left_at: datetime | None = None
) -> list[int]:
    """Pause running campaigns for a reason of the engine's own; `text` says what ends it. Ids of those paused.

    left_at  when the message left that gave the reason: campaigns that were resumed since are not paused
    """
    return store.pause_running(session, campaign_ids, reason.value, text, left_at)


def resume_cleared(session: Session) -> list[int]:
    """Resume campaigns that an error code had paused for their number, which the platform has cleared since; ids.

    A number whose state changed takes its campaigns along by itself, see campaign.sender_health.
    """
    resumed = store.resume_cleared(session)
    held_up = store.pause_unsendable(session) if resumed else []
    return [id_ for id_ in resumed if id_ not in held_up]


def resume_by_engine(session: Session, sender_id: int, reason: PauseReason) -> list[int]:
    """Resume a sender's campaigns that the engine had paused for this reason. Ids of those resumed."""
    resumed = store.resume_paused(session, sender_id, reason.value)
    # While they stood still, a template may have been paused too.
    held_up = store.pause_unsendable(session) if resumed else []
    return [id_ for id_ in resumed if id_ not in held_up]


def go_on_moved(session: Session, campaign: Campaign) -> None:
    """Let a campaign run whose messages have just got another template, unless something else keeps it paused."""
    paused_for_template = campaign.state == CampaignState.PAUSED and campaign.state_reason in _TEMPLATE_PAUSES
    ended = campaign.state in {CampaignState.SETTLING, CampaignState.COMPLETED}
    session.flush()
    others_too = all(session.get_one(Template, id_).sendable for id_ in campaign.template_ids)
    if (paused_for_template or ended) and others_too and _obstacle(session, campaign) is None:
        _move(campaign, CampaignState.RUNNING)
        campaign.ended_at = None


_TEMPLATE_PAUSES = frozenset({PauseReason.TEMPLATE_PAUSED, PauseReason.TEMPLATE_DISABLED, PauseReason.TEMPLATE_CHANGED})


def follow_templates(session: Session) -> tuple[list[int], list[int]]:
    """Pause running campaigns whose template stopped being sendable and resume those whose template is back.

    A campaign also takes its template's category, so that the gate asks for consent to what the platform says it is.

    returns  ids paused, ids resumed
    source   platform.md B.2, B.4
    """
    store.follow_categories(session)
    return store.pause_unsendable(session), store.resume_sendable(session)


def find_campaign(session: Session, name: str) -> Campaign:
    """The campaign of this name.

    raises  NotFound naming the nearest that exist
    """
    campaign = session.scalar(select(Campaign).where(Campaign.name == name))
    if campaign is None:
        raise _unknown(session, name)
    return campaign


def _locked(session: Session, name: str) -> Campaign:
    campaign = store.lock_campaign(session, name)
    if campaign is None:
        raise _unknown(session, name)
    return campaign


def _unknown(session: Session, name: str) -> NotFound:
    known = store.campaign_names(session)
    advice = nearest(name, known) if known else "there is none yet; make one with campaign create"
    return NotFound(f"there is no campaign {name}; {advice}")


def _move(campaign: Campaign, target: CampaignState) -> None:
    if not campaign_may_move(CampaignState(campaign.state), target):
        raise Conflict(f"campaign {campaign.name} {_standing(campaign)} and cannot become {target}")
    campaign.state, campaign.state_reason, campaign.state_text = target.value, None, None


def _start_or_schedule(session: Session, campaign: Campaign, now: datetime) -> None:
    if campaign.start_at is not None and campaign.start_at > now:
        _move(campaign, CampaignState.SCHEDULED)
        return
    _move(campaign, CampaignState.RUNNING)
    if campaign.launched_at is None:
        campaign.launched_at = now
        begin(session, campaign, now)


def _require(campaign: Campaign, verb: str, *states: CampaignState) -> None:
    if campaign.state not in states:
        advice = _ADVICE.get((verb, CampaignState(campaign.state)), "see campaign status {name}").format(
            name=campaign.name
        )
        raise Conflict(f"campaign {campaign.name} {_standing(campaign)}, so it cannot be {verb}; {advice}")


_ADVICE = {
    ("launched", CampaignState.RUNNING): "follow it with campaign status {name} --watch",
    ("launched", CampaignState.PAUSED): "go on with campaign resume {name}",
    ("launched", CampaignState.CANCELLED): "create a new one",
    ("paused", CampaignState.DRAFT): "start it with campaign launch {name}",
    ("paused", CampaignState.PAUSED): "go on with campaign resume {name}",
    ("resumed", CampaignState.DRAFT): "start it with campaign launch {name}",
    ("resumed", CampaignState.CANCELLED): "create a new one",
}


def _standing(campaign: Campaign) -> str:
    words = {
        CampaignState.DRAFT: "is a draft that was not launched yet",
        CampaignState.SCHEDULED: f"is launched and starts at {_instant(campaign.start_at)}",
        CampaignState.PREPARING: "is still reading its list",
        CampaignState.RUNNING: f"is running since {_instant(campaign.launched_at)}",
        CampaignState.PAUSED: f"is paused ({campaign.state_reason})",
        CampaignState.SETTLING: f"awaits its last reports (launched {_instant(campaign.launched_at)})",
        CampaignState.COMPLETED: f"was completed at {_instant(campaign.ended_at)}",
        CampaignState.CANCELLED: f"was cancelled at {_instant(campaign.ended_at)}",
    }
    return words[CampaignState(campaign.state)]


def _instant(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "an unknown time"


def _refuse_unready(session: Session, campaign: Campaign, now: datetime) -> None:
    require_sendable(session.get_one(Template, campaign.template_id))
    if obstacle := _obstacle(session, campaign):
        raise Conflict(f"campaign {campaign.name} cannot run: {obstacle[1]}")
    if campaign.deadline_at is not None and campaign.deadline_at <= now:
        raise Conflict(
            f"campaign {campaign.name} had its deadline at {_instant(campaign.deadline_at)}; create a new one"
        )


def _obstacle(session: Session, campaign: Campaign) -> tuple[PauseReason, str] | None:
    template = session.get_one(Template, campaign.template_id)
    if not template.sendable:
        disabled = template.status == "DISABLED"
        reason = PauseReason.TEMPLATE_DISABLED if disabled else PauseReason.TEMPLATE_PAUSED
        return reason, f"The template is {template.status}; goes on by itself when it is APPROVED again."
    sender = session.get_one(Sender, campaign.sender_id)
    if sender.state not in {SenderState.CONNECTED, SenderState.FLAGGED}:
        until = f" until {_instant(sender.restricted_until)}" if sender.restricted_until else ""
        return PauseReason.SENDER_RESTRICTED, (
            f"Sender {sender.name} is {sender.state}{until}; goes on by itself when the platform has cleared it."
        )
    return None


def _lateness(campaign: Campaign, now: datetime, late_start: timedelta) -> tuple[PauseReason, str] | None:
    if campaign.start_at is None or now - campaign.start_at <= late_start:
        return None
    return PauseReason.LATE_START, (
        f"The start at {_instant(campaign.start_at)} was missed by more than {late_start.total_seconds() / 60:.0f} "
        f"minutes because nothing ran; start it now with campaign resume {campaign.name}, or cancel it."
    )
