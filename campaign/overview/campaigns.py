"""Campaigns as a list and one by one: who, what, how far. The counts add up to the rows uploaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.errors import NotFound
from campaign.lifecycle import find_campaign
from campaign.overview import store
from campaign.sending.error_table import Action, rule_for
from models.campaign import Campaign
from models.states import MessageState

PAGE = 25
LONGEST_SEARCH = 200
MOST_TROUBLES = 20


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign of a list.

    counts      messages by state when last counted; those not counted yet are `queued`
    refused     rows of the list that became no message; with the counts they add up to `rows`
    counted_at  None before the launch: nothing has changed since the list was read
    """

    id: int
    name: str
    state: str
    reason: str | None
    text: str | None
    category: str
    sender: str
    template: str
    language: str
    rows: int
    refused: int
    counts: Mapping[str, int]
    created_at: datetime
    start_at: datetime | None
    launched_at: datetime | None
    ended_at: datetime | None
    counted_at: datetime | None

    @property
    def sent(self) -> int:
        """Messages that WhatsApp has taken, whatever became of them since."""
        return sum(self.counts.get(state, 0) for state in TAKEN)


TAKEN = (
    MessageState.ACCEPTED, MessageState.HELD, MessageState.SENT, MessageState.DELIVERED, MessageState.READ,
    MessageState.DROPPED, MessageState.EXPIRED,
)  # fmt: skip
"""States that only what WhatsApp took can be in."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One reason for which messages did not arrive. `sentence` says what it means and what is done about it."""

    state: str
    code: int | None
    reason: str | None
    messages: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages that wait for a later try."""

    reason: str
    messages: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign with what a page about it shows. `series` are buckets of time, see CampaignTally."""

    line: CampaignLine
    rate_mps: int
    series: Sequence[Mapping[str, Any]] = ()
    troubles: Sequence[Trouble] = field(default_factory=tuple)
    waiting: Sequence[Waiting] = field(default_factory=tuple)


def list_campaigns(
    session: Session,
    *,
    search: str | None = None,
    states: Sequence[str] | None = None,
    before_id: int | None = None,
    limit: int = PAGE,
) -> list[CampaignLine]:
    """Campaigns, newest first; `before_id` turns the page, `search` is a part of the name in any case."""
    found = store.campaigns(
        session, search=(search or "")[:LONGEST_SEARCH] or None, states=states and list(states), before_id=before_id,
        limit=limit,
    )  # fmt: skip
    return [line_of(row) for row in found]


def view_campaign(session: Session, name: str, *, now: datetime) -> CampaignView:
    """One campaign.

    raises  NotFound naming the nearest
    """
    row = store.one_campaign(session, name)
    if row is None:
        find_campaign(session, name)  # says which names are near
        raise NotFound(f"there is no campaign {name}")
    line = line_of(row)
    return CampaignView(
        line,
        rate_mps=min(row.rate_mps or row.sender_rate_mps, row.sender_rate_mps),
        series=row.series or (),
        troubles=troubles_of(session, line.id) if any(line.counts.get(s) for s in store.UNREACHED) else (),
        waiting=waiting_of(session, line.id, now),
    )


def troubles_of(session: Session, campaign_id: int) -> list[Trouble]:
    """Why messages of a campaign did not arrive, the most frequent first."""
    found = store.errors(session, campaign_id, limit=MOST_TROUBLES)
    return [Trouble(t.state, t.error_code, t.reason, t.messages, _sentence(t)) for t in found]


def waiting_of(session: Session, campaign_id: int, now: datetime) -> list[Waiting]:
    """Messages of a campaign that wait for a later try, by reason."""
    found = store.retries_due(session, campaign_id, now)
    return [Waiting(each.reason, each.messages, each.first, each.last) for each in found]


def campaign_by_id(session: Session, campaign_id: int) -> Campaign:
    """The campaign with this id.

    raises  NotFound
    """
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound(f"there is no campaign with the id {campaign_id}; see the list of campaigns")
    return campaign


def line_of(row: Any) -> CampaignLine:
    """A campaign in a list, from its row of `store.campaigns`."""
    messages = row.message_count or 0
    counts = dict(row.counts or {})
    return CampaignLine(
        id=row.id, name=row.name, state=row.state, reason=row.state_reason, text=row.state_text,
        category=row.category, sender=row.sender, template=row.template, language=row.language,
        rows=row.row_count or messages, refused=row.rejected_count or 0,
        counts=counts or {MessageState.QUEUED.value: messages},
        created_at=row.created_at, start_at=row.start_at, launched_at=row.launched_at, ended_at=row.ended_at,
        counted_at=row.counted_at,
    )  # fmt: skip


def _sentence(trouble: Any) -> str:
    """What it means, and what is done about it."""
    rule = rule_for(trouble.error_code) if trouble.error_code is not None else None
    if rule is not None:
        return f"{rule.sentence} {_DONE[rule.action]}"
    if trouble.error_code is not None:
        words = trouble.example or "no words"
        return f"WhatsApp answered {trouble.error_code} ({words}), which is not documented. {_DONE[None]}"
    if trouble.reason in _REASONS:
        return SENTENCES[RejectReason(trouble.reason)]
    return trouble.example or f"{(trouble.reason or trouble.state).replace('_', ' ').capitalize()}."


_REASONS = {reason.value for reason in RejectReason}

_DONE: Mapping[Action | None, str] = {
    Action.RETRY_BACKOFF: "It was tried again several times.",
    Action.RETRY_INCREASING: "It is tried again after a day or more, then after longer.",
    Action.PAIR_RATE_LIMIT: "It was tried again with growing pauses.",
    Action.THROTTLE_ALL: "Sending slowed down, and these were tried again.",
    Action.PAUSE_TEMPLATE: "The campaign waits until the template may be sent again.",
    Action.PAUSE_NUMBER: "Sending from the number stopped until this is mended.",
    Action.SUPPRESS_RECIPIENT: "The phone is left out of later campaigns.",
    Action.WAIT_FOR_CONVERSATION: "It is not tried again unless the person writes first.",
    Action.PARAMETER_BUG: "It is not tried again: the same request would be refused again.",
    Action.UNCERTAIN: "Whether it arrived is found out before anything is sent again.",
    None: "It is never sent again by itself.",
}
