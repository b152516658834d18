"""What a person does to a sequence as a whole: permission checked, done in one transaction, and written down."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign import lifecycle
from campaign.access import approvals, campaigns
from campaign.access.audit import Recording, audited
from campaign.access.roles import Act, Actor
from campaign.access.store import draft_sequence_of
from campaign.errors import Conflict, NotFound
from campaign.names import nearest
from campaign.sequences import making, store
from campaign.sequences.making import NewSequence
from campaign.sequences.verdict import CANCELLED
from campaign.templates.find import require_sendable
from models.campaign import Campaign
from models.sequence import Sequence, SequenceState, SequenceStep
from models.session import Sessions, session_scope
from models.states import CampaignState, PauseReason, campaign_may_move
from models.template import Template

Steps = list[tuple[SequenceStep, Campaign]]


def create(sessions: Sessions, by: Actor, new: NewSequence, *, now: datetime, **how: Any) -> Sequence:
    """`making.create_sequence`, audited; `how` is handed on.

    raises  Forbidden, and what create_sequence raises
    """
    with audited(sessions, by, Act.CREATE_CAMPAIGN, _subject(new.campaign.name)) as act:
        made = making.create_sequence(act.sessions, new, now=now, **how)
        act.after = {"sender": new.campaign.sender, "audience": new.campaign.audience_name, "steps": made.steps}
        return made


def launch(sessions: Sessions, by: Actor, name: str, *, now: datetime, approval_above: int | None = None) -> Sequence:
    """Launch the first step; the others wait for who comes to them.

    approval_above  people above whom a second person's word is asked for: then the sequence stays a draft
    raises          Forbidden, NotFound, Conflict when it was launched before or a step cannot be sent
    """

    def begin(act: Recording, sequence: Sequence, steps: Steps) -> None:
        _refuse_unlaunchable(act, sequence, steps)
        with act.sessions() as session, session.begin():
            first = steps[0][1]
            if approvals.would_ask(session, first, approval_above):
                approvals.ask(session, first, by, now)
                act.after = {"asked_for_approval": True}
                return
        _begin(act, sequence, steps, now)

    return _act(sessions, by, Act.LAUNCH, name, begin)


def approve(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Sequence:
    """Say yes to a launch that somebody else asked for, and launch.

    raises  Forbidden, NotFound, Conflict when nobody asked, or who asked is who approves
    """

    def begin(act: Recording, sequence: Sequence, steps: Steps) -> None:
        _refuse_unlaunchable(act, sequence, steps)
        with act.sessions() as session, session.begin():
            approvals.approve(session, steps[0][1], by, now)
        _begin(act, sequence, steps, now)

    return _act(sessions, by, Act.APPROVE, name, begin)


def approve_campaign(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Campaign:
    """`campaign.access.campaigns.approve`; of the first step of a draft, it is the sequence that is launched.

    raises  Forbidden, NotFound, Conflict
    """
    by.require(Act.APPROVE)
    with sessions() as session:
        campaign = lifecycle.find_campaign(session, name)
        sequence = draft_sequence_of(session, campaign.id)
    if sequence is None:
        return campaigns.approve(sessions, by, name, now=now)
    approve(sessions, by, sequence, now=now)
    with sessions() as session:
        return lifecycle.find_campaign(session, name)


def pause(sessions: Sessions, by: Actor, name: str) -> Sequence:
    """Nobody goes on to a next step, and no step sends, until it is resumed.

    raises  Forbidden, NotFound, Conflict
    """

    def stop(act: Recording, sequence: Sequence, steps: Steps) -> None:
        _require(sequence, "paused", SequenceState.RUNNING)
        sequence.state = SequenceState.PAUSED.value
        for _, campaign in steps:
            may_pause = campaign.state in {CampaignState.RUNNING, CampaignState.SCHEDULED, CampaignState.PAUSED}
            if may_pause and campaign.state_reason != PauseReason.OPERATOR:
                lifecycle.pause(act.sessions, campaign.name)

    return _act(sessions, by, Act.PAUSE, name, stop)


def resume(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Sequence:
    """Go on, with every step that a person had paused.

    raises  Forbidden, NotFound, Conflict when it is not paused, or a step's template, sender or deadline forbids it
    """

    def go_on(act: Recording, sequence: Sequence, steps: Steps) -> None:
        _require(sequence, "resumed", SequenceState.PAUSED)
        sequence.state = SequenceState.RUNNING.value
        for _, campaign in steps:
            if campaign.state == CampaignState.PAUSED and campaign.state_reason == PauseReason.OPERATOR:
                lifecycle.resume(act.sessions, campaign.name, now=now)

    return _act(sessions, by, Act.RESUME, name, go_on)


def cancel(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Sequence:
    """End it for good: what no step has sent yet is skipped, and nobody goes on.

    raises  Forbidden, NotFound, Conflict when it has ended already
    """

    def end(act: Recording, sequence: Sequence, steps: Steps) -> None:
        _require(sequence, "cancelled", SequenceState.DRAFT, SequenceState.RUNNING, SequenceState.PAUSED)
        sequence.state, sequence.ended_at = SequenceState.CANCELLED.value, now
        for _, campaign in steps:
            if campaign_may_move(CampaignState(campaign.state), CampaignState.CANCELLED):
                lifecycle.cancel(act.sessions, campaign.name, now=now)
        with act.sessions() as session, session.begin():
            store.end_people(session, sequence.id, CANCELLED, now)

    return _act(sessions, by, Act.CANCEL, name, end)


def find_sequence(session: Session, name: str) -> Sequence:
    """The sequence of this name.

    raises  NotFound naming the nearest that exist
    """
    found = store.find_sequence(session, name)
    if found is None:
        raise _unknown(session, name)
    return found


def _act(
    sessions: Sessions, by: Actor, what: Act, name: str, change: Callable[[Recording, Sequence, Steps], None]
) -> Sequence:
    with audited(sessions, by, what, _subject(name)) as act:
        with session_scope(act.sessions) as session:
            sequence = store.lock_sequence(session, name)
            if sequence is None:
                raise _unknown(session, name)
            act.before = {"state": sequence.state}
            change(act, sequence, store.steps_of(session, sequence.id))
            act.after |= {"state": sequence.state}
        return sequence


def _refuse_unlaunchable(act: Recording, sequence: Sequence, steps: Steps) -> None:
    _require(sequence, "launched", SequenceState.DRAFT)
    if len(steps) != sequence.steps:
        raise Conflict(f"a step of sequence {sequence.name} was deleted; create the sequence anew")
    for number, (_, campaign) in enumerate(steps, start=1):
        _refuse_unready(act, campaign, number)


def _begin(act: Recording, sequence: Sequence, steps: Steps, now: datetime) -> None:
    if steps[0][1].state == CampaignState.DRAFT:
        lifecycle.launch(act.sessions, steps[0][1].name, now=now)
    for _, campaign in steps[1:]:
        if campaign.state == CampaignState.DRAFT:
            campaign.state = CampaignState.SCHEDULED.value
            campaign.state_text = "Waits for people from the step before."
    sequence.state, sequence.launched_at = SequenceState.RUNNING.value, now


def _require(sequence: Sequence, verb: str, *states: SequenceState) -> None:
    if sequence.state not in states:
        raise Conflict(
            f"sequence {sequence.name} is {sequence.state}, so it cannot be {verb}; see campaign sequences show "
            f"{sequence.name}"
        )


def _refuse_unready(act: Recording, campaign: Campaign, number: int) -> None:
    if campaign.state == CampaignState.CANCELLED:
        raise Conflict(f"step {number}, campaign {campaign.name}, was cancelled; create the sequence anew")
    with act.sessions() as session:
        try:
            require_sendable(session.get_one(Template, campaign.template_id))
        except Conflict as error:
            raise Conflict(f"step {number}: {error}") from None


def _unknown(session: Session, name: str) -> NotFound:
    known = store.names(session)
    advice = nearest(name, known) if known else "there is none yet; make one with campaign sequences create"
    return NotFound(f"there is no sequence {name}; {advice}")


def _subject(name: str) -> str:
    return f"sequence:{name}"
