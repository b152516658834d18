"""Sequences as they are listed and shown: people per step, and why they went no further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.errors import NotFound
from campaign.sequences import store
from campaign.sequences.acts import find_sequence
from models.campaign import Campaign
from models.sequence import Condition, SequenceState, SequenceStep
from models.sequence import Sequence as SequenceRow
from models.states import MessageState
from models.template import Template

WORDS: Mapping[str, str] = {
    Condition.DELIVERED: "delivered",
    Condition.READ: "read",
    Condition.REPLIED: "replied to",
    Condition.NOT_READ: "not read",
    Condition.NOT_REPLIED: "not replied to",
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One step.

    condition  for whom it is, by what the step before came to; None for the first: everybody
    delay_s    from that, or for who has not read or replied from the delivery, to the step; seconds
    people     who are at it or ended there; `waiting` of them have not ended
    messages   of its campaign, by state; their sum is who ever came to it
    ended      people who ended there, by reason
    """

    number: int
    campaign_id: int
    campaign: str
    state: str
    template: str
    when: str
    condition: str | None
    delay_s: int
    people: int
    waiting: int
    messages: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)

    @property
    def came(self) -> int:
        """People who ever came to it."""
        return sum(self.messages.values())

    @property
    def delivered(self) -> int:
        """Messages that arrived, read or not."""
        return self.messages.get(MessageState.DELIVERED, 0) + self.read

    @property
    def read(self) -> int:
        """Messages that were read."""
        return self.messages.get(MessageState.READ, 0)


@dataclass(frozen=True, slots=True)
class SequenceView:
    """A sequence. `people` is everybody on its list who may be written to, `active` who has not ended.

    asked_by  who asked for its launch, while that waits for a second person's word
    """

    id: int
    name: str
    state: str
    people: int
    active: int
    next_look: datetime | None
    steps: Sequence[StepView]
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class SequenceLine:
    """A sequence in a list. `people` is everybody on its list who may be written to, `active` who has not ended."""

    id: int
    name: str
    state: str
    steps: int
    people: int
    active: int
    created_at: datetime
    launched_at: datetime | None
    ended_at: datetime | None


PAGE = 25


def lines(session: Session, *, before_id: int | None = None, limit: int = PAGE) -> list[SequenceLine]:
    """Sequences, newest first; `before_id` turns the page."""
    found = store.lines(session, before_id=before_id, limit=limit)
    return [SequenceLine(**row._mapping) for row in found]


def views(session: Session) -> list[SequenceView]:
    """Every sequence, newest first."""
    return [_view(session, row) for row in store.sequences(session)]


def view_by_id(session: Session, sequence_id: int) -> SequenceView:
    """One sequence.

    raises  NotFound
    """
    return _view(session, sequence_by_id(session, sequence_id))


def sequence_by_id(session: Session, sequence_id: int) -> SequenceRow:
    """The sequence with this id.

    raises  NotFound
    """
    found = session.get(SequenceRow, sequence_id)
    if found is None:
        raise NotFound(f"there is no sequence with the id {sequence_id}; see the list of sequences")
    return found


def view(session: Session, name: str) -> SequenceView:
    """One sequence.

    raises  NotFound naming the nearest that exist
    """
    return _view(session, find_sequence(session, name))


def _view(session: Session, row: SequenceRow) -> SequenceView:
    counted = store.people_of(session, row.id)
    messages = store.messages_of(session, row.id)
    steps = []
    for step, campaign in store.steps_of(session, row.id):
        here = [each for each in counted if each.step == step.number]
        steps.append(
            StepView(
                number=step.number,
                campaign_id=campaign.id,
                campaign=campaign.name,
                state=campaign.state,
                template=_template(session, campaign),
                when=when_words(step),
                condition=step.condition,
                delay_s=step.delay_s,
                people=sum(each.people for each in here),
                waiting=sum(each.people for each in here if each.ended_as is None),
                messages=messages.get(step.number, {}),
                ended={each.ended_as: each.people for each in here if each.ended_as is not None},
            )
        )
    return SequenceView(
        id=row.id,
        name=row.name,
        state=row.state,
        people=sum(step.people for step in steps),
        active=sum(step.waiting for step in steps),
        next_look=min((each.next_look for each in counted if each.next_look), default=None),
        steps=steps,
        asked_by=store.asked_by(session, row.id) if row.state == SequenceState.DRAFT else None,
    )


def when_words(step: SequenceStep) -> str:
    """`3 days after delivered`, or `everybody on the list`."""
    if step.condition is None:
        return "everybody on the list"
    delay = timedelta(seconds=step.delay_s)
    if step.condition in (Condition.NOT_READ, Condition.NOT_REPLIED):
        return f"{WORDS[step.condition]} {_span(delay)} after the delivery"
    return f"{_span(delay)} after it was {WORDS[step.condition]}"


def _span(span: timedelta) -> str:
    for unit, length in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        count, rest = divmod(int(span.total_seconds()), length)
        if count and not rest:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{int(span.total_seconds())} seconds"


def _template(session: Session, campaign: Campaign) -> str:
    template = session.get_one(Template, campaign.template_id)
    return f"{template.name} ({template.language}, {template.category})"
