"""One sentence that says what a campaign is doing and what it waits for. Pure.

What is said is a key and values; the doors have the words, in whichever language. Each key is a row of `KEYS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.states import CampaignState, MessageState, PauseReason


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a campaign stands, as far as the sentence needs it.

    refused        rows of the list that became no message
    effective_mps  messages per second that are granted now; 0: nothing may leave
    next_due_at    when the next of the queued messages is due that is not due yet; None: all are due
    due            queued messages that are due now
    canary_until   when the canary is judged; None: there is none, or a person has to decide
    asked_by       who asked for a second person's word on the launch
    traffic_settles  whether later traffic can tell of what is uncertain; else a person has to decide
    """

    state: str
    now: datetime
    reason: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    template: str = ""
    sender: str = ""
    effective_mps: float = 0.0
    eta: datetime | None = None
    due: int = 0
    next_due_at: datetime | None = None
    start_at: datetime | None = None
    ended_at: datetime | None = None
    restricted_until: datetime | None = None
    canary_until: datetime | None = None
    canary_people: int = 0
    asked_by: str | None = None
    traffic_settles: bool = True

    def count(self, *states: MessageState) -> int:
        """Messages in any of some states."""
        return sum(self.counts.get(state, 0) for state in states)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence: its key, and the numbers, instants and names that stand in it."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


S = MessageState
ARRIVED = (S.DELIVERED, S.READ)
AWAITED = (S.ACCEPTED, S.SENT, S.HELD)

KEYS = (
    "draft", "draft_asked", "draft_empty", "scheduled", "preparing",
    "running", "running_until", "running_waiting", "running_retries", "running_last", "running_stopped",
    "running_canary",
    "paused_operator", "paused_template_paused", "paused_template_disabled", "paused_held_for_quality",
    "paused_sender_restricted", "paused_sender_restricted_until", "paused_tier_exhausted", "paused_outside_window",
    "paused_outside_window_until", "paused_payment", "paused_credentials", "paused_too_many_failures",
    "paused_late_start", "paused_template_changed", "paused_canary", "paused_canary_judged", "paused",
    "settling_uncertain", "settling_asks", "settling_reports", "settling_both", "settling",
    "completed", "completed_nobody", "cancelled",
)  # fmt: skip
"""Every key that `tell` can give."""


def tell(now_at: Standing) -> Told:
    """The sentence."""
    return _TELLING[CampaignState(now_at.state)](now_at)


def _draft(at: Standing) -> Told:
    waiting = at.count(S.QUEUED)
    if at.asked_by is not None:
        return Told("draft_asked", {"who": at.asked_by, "messages": waiting})
    return Told("draft", {"messages": waiting}) if waiting else Told("draft_empty", {"refused": at.refused})


def _scheduled(at: Standing) -> Told:
    return Told("scheduled", {"at": at.start_at or at.now, "messages": at.count(S.QUEUED)})


def _preparing(at: Standing) -> Told:
    return Told("preparing")


def _running(at: Standing) -> Told:
    queued = at.count(S.QUEUED)
    if not queued and at.count(S.SENDING):
        return Told("running_last", {"messages": at.count(S.SENDING)})
    if not queued:
        # Nothing is left to send: the next sweep says so of the campaign itself.
        return _settling(at)
    if not at.due and at.next_due_at is not None:
        # Whoever was tried before waits for a retry; whoever was not waits for an opening or a spread.
        tried = at.count(*ARRIVED, *AWAITED, S.FAILED, S.DROPPED, S.EXPIRED) > 0
        key = "running_retries" if tried else "running_waiting"
        return Told(key, {"messages": queued, "at": at.next_due_at})
    if at.effective_mps <= 0:
        return Told("running_stopped", {"messages": queued, "sender": at.sender})
    if at.canary_people:
        return Told("running_canary", {"people": at.canary_people, "messages": queued})
    if at.eta is None or at.eta - at.now < timedelta(minutes=1):
        return Told("running", {"messages": queued})
    return Told("running_until", {"messages": queued, "at": at.eta})


def _paused(at: Standing) -> Told:
    values: dict[str, Any] = {"messages": at.count(S.QUEUED), "template": at.template, "sender": at.sender}
    key = f"paused_{at.reason}"
    match at.reason:
        case PauseReason.HELD_FOR_QUALITY:
            values["held"] = at.count(S.HELD)
        case PauseReason.OUTSIDE_WINDOW if at.next_due_at is not None:
            key, values["at"] = f"{key}_until", at.next_due_at
        case PauseReason.SENDER_RESTRICTED if at.restricted_until is not None:
            key, values["at"] = f"{key}_until", at.restricted_until
        case PauseReason.LATE_START:
            values["at"] = at.start_at or at.now
        case PauseReason.CANARY if at.canary_until is not None:
            values["at"] = at.canary_until
        case PauseReason.CANARY:
            key = "paused_canary_judged"
    return Told(key if key in KEYS else "paused", values)


def _settling(at: Standing) -> Told:
    doubtful, awaited = at.count(S.UNCERTAIN), at.count(*AWAITED)
    values = {"doubtful": doubtful, "awaited": awaited, "sender": at.sender}
    if doubtful and awaited:
        return Told("settling_both", values)
    if doubtful:
        return Told("settling_uncertain" if at.traffic_settles else "settling_asks", values)
    return Told("settling_reports" if awaited else "settling", values)


def _completed(at: Standing) -> Told:
    messages = sum(at.counts.values())
    if not messages:
        return Told("completed_nobody", {"refused": at.refused})
    return Told("completed", {"at": at.ended_at or at.now, "arrived": at.count(*ARRIVED), "messages": messages})


def _cancelled(at: Standing) -> Told:
    return Told("cancelled", {"at": at.ended_at or at.now, "skipped": at.count(S.SKIPPED)})


_TELLING = {
    CampaignState.DRAFT: _draft,
    CampaignState.SCHEDULED: _scheduled,
    CampaignState.PREPARING: _preparing,
    CampaignState.RUNNING: _running,
    CampaignState.PAUSED: _paused,
    CampaignState.SETTLING: _settling,
    CampaignState.COMPLETED: _completed,
    CampaignState.CANCELLED: _cancelled,
}
