"""`/sequences`: campaigns that follow one another for each person, as far as the step before came."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from campaign.access.roles import Act, Actor
from campaign.sequences import acts
from campaign.sequences.views import PAGE, SequenceLine, SequenceView, lines, sequence_by_id, view_by_id
from console.api.door import Acting, Door, Doored, Look
from console.api.long_work import long_work
from console.api.paging import Paged
from console.api.repeat import Repeatable
from console.api.sequence_in import SequenceIn
from console.api.shapes import SequenceState
from console.api.words import Cursor, Id, Limit
from console.uploading import steps_of, upload_before_launch
from models.sequence import Sequence
from models.sequence import SequenceState as State

router = APIRouter(tags=["sequences"])


@router.get("/sequences")
def index(session: Look, pages: Paged, before: Cursor = None, limit: Limit = PAGE) -> list[SequenceLine]:
    """Sequences, newest first."""
    return pages.cut(lines(session, before_id=before, limit=limit + 1), limit, before=lambda last: last.id)


@router.post("/sequences", status_code=201)
def create(body: SequenceIn, door: Doored, by: Acting, again: Repeatable) -> SequenceState:
    """Make a draft: a campaign for each step, from one list. Nothing is sent before it is launched."""

    def do() -> SequenceState:
        new = body.new_sequence(door.settings)
        with long_work():
            made = acts.create(door.sessions, by, new, now=door.clock(), settings=door.settings)
        return SequenceState.model_validate(made)

    by.require(Act.CREATE_CAMPAIGN)
    return again.answer(SequenceState, body, do)


def _named(id: Id, session: Look) -> Sequence:
    return sequence_by_id(session, id)


Named = Annotated[Sequence, Depends(_named)]


@router.get("/sequences/{id}")
def show(sequence: Named, session: Look) -> SequenceView:
    """One sequence: who came to each step, what became of it, and why people went no further."""
    return view_by_id(session, sequence.id)


@router.post("/sequences/{id}/launch")
def launch(sequence: Named, door: Doored, by: Acting, again: Repeatable) -> SequenceState:
    """Start the first step, at once or at its time; where a second person's word is wanted, ask for it."""

    def do() -> SequenceState:
        above, now = door.settings.approval_above, door.clock()
        _upload(sequence, door, by, approval_above=above)
        moved = acts.launch(door.sessions, by, sequence.name, now=now, approval_above=above)
        left = SequenceState.model_validate(moved)
        left.asked_for_approval = moved.state == State.DRAFT
        return left

    return again.answer(SequenceState, {}, do)


@router.post("/sequences/{id}/approve")
def approve(sequence: Named, door: Doored, by: Acting) -> SequenceState:
    """Say yes to a launch that somebody else asked for."""
    _upload(sequence, door, by, act=Act.APPROVE)
    return SequenceState.model_validate(acts.approve(door.sessions, by, sequence.name, now=door.clock()))


@router.post("/sequences/{id}/pause")
def pause(sequence: Named, door: Doored, by: Acting) -> SequenceState:
    """No step sends, and nobody goes on to the next one."""
    return SequenceState.model_validate(acts.pause(door.sessions, by, sequence.name))


@router.post("/sequences/{id}/resume")
def resume(sequence: Named, door: Doored, by: Acting) -> SequenceState:
    """Go on, with every step that a person had paused."""
    return SequenceState.model_validate(acts.resume(door.sessions, by, sequence.name, now=door.clock()))


@router.post("/sequences/{id}/cancel")
def cancel(sequence: Named, door: Doored, by: Acting) -> SequenceState:
    """End it for good: what no step has sent is skipped, and nobody goes on."""
    return SequenceState.model_validate(acts.cancel(door.sessions, by, sequence.name, now=door.clock()))


def _upload(sequence: Sequence, door: Door, by: Actor, **how: Any) -> None:
    with door.sessions() as session:
        steps = steps_of(session, sequence.name)
    upload_before_launch(door.sessions, by, steps, now=door.clock(), **how)
