"""The states of a message and of a campaign, and the one table of moves of each.

Nothing changes a state except through `TRANSITIONS` or `CAMPAIGN_MOVES`. A pair that is not in the table changes
nothing. Meanings: docs/glossary.md.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class MessageState(StrEnum):
    """Where one recipient's message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    DROPPED = "dropped"
    EXPIRED = "expired"
    SKIPPED = "skipped"


class Signal(StrEnum):
    """What can happen to a message."""

    CLAIM = "claim"
    WITHHOLD = "withhold"
    NOT_SENT = "not_sent"
    ACCEPT = "accept"
    HOLD = "hold"
    REFUSE = "refuse"
    NO_ANSWER = "no_answer"
    LEASE_RAN_OUT = "lease_ran_out"
    ABSENCE_PROVEN = "absence_proven"
    RETRY_LATER = "retry_later"
    SENT_SEEN = "sent_seen"
    DELIVERED_SEEN = "delivered_seen"
    READ_SEEN = "read_seen"
    FAILED_SEEN = "failed_seen"
    DROPPED_SEEN = "dropped_seen"
    TTL_PASSED = "ttl_passed"
    SEND_AGAIN = "send_again"
    GIVE_UP = "give_up"


S, On = MessageState, Signal

OPEN_STATES = frozenset({S.QUEUED, S.SENDING, S.UNCERTAIN, S.ACCEPTED, S.HELD, S.SENT})
"""States in which a campaign still waits for a send, a status or a TTL. A `read` after `delivered` is a bonus."""

FINAL_STATES = frozenset(S) - OPEN_STATES
"""States that end a message; a late `delivered` or `read` may still better them."""


class Transition(NamedTuple):
    """One allowed move: in state `source`, `on` a signal, to state `target`, and why."""

    source: MessageState
    on: Signal
    target: MessageState
    because: str


def _from_each(sources: Iterable[MessageState], on: Signal, target: MessageState, because: str) -> list[Transition]:
    return [Transition(source, on, target, because) for source in sources]


WITH_PLATFORM = (S.SENDING, S.UNCERTAIN, S.ACCEPTED, S.HELD, S.SENT)
"""The request left, or may have: the platform's word counts."""

TRANSITIONS: tuple[Transition, ...] = (
    Transition(S.QUEUED, On.CLAIM, S.SENDING, "committed before the request leaves"),
    Transition(S.QUEUED, On.WITHHOLD, S.SKIPPED, "consent, suppression, cancel or deadline, before sending"),
    Transition(S.SENDING, On.NOT_SENT, S.QUEUED, "no byte left, so it is as if it had not been claimed"),
    Transition(S.SENDING, On.ACCEPT, S.ACCEPTED, "the platform took it"),
    Transition(S.SENDING, On.HOLD, S.HELD, "taken, but waiting for the verdict on the template"),
    Transition(S.SENDING, On.REFUSE, S.FAILED, "the platform refused it for good"),
    Transition(S.SENDING, On.RETRY_LATER, S.QUEUED, "the platform refused it for now"),
    Transition(S.SENDING, On.NO_ANSWER, S.UNCERTAIN, "the request left and nothing came back"),
    Transition(S.SENDING, On.LEASE_RAN_OUT, S.UNCERTAIN, "whoever claimed it has vanished"),
    # A slow answer may be recorded after a sweep took the lease away.
    Transition(S.UNCERTAIN, On.ACCEPT, S.ACCEPTED, "the answer came after all"),
    Transition(S.UNCERTAIN, On.HOLD, S.HELD, "the answer came after all"),
    Transition(S.UNCERTAIN, On.REFUSE, S.FAILED, "the answer came after all"),
    Transition(S.UNCERTAIN, On.RETRY_LATER, S.QUEUED, "the answer came after all"),
    Transition(S.UNCERTAIN, On.NOT_SENT, S.QUEUED, "the worker lives and knows that no byte left"),
    Transition(S.UNCERTAIN, On.ABSENCE_PROVEN, S.QUEUED, "later messages have reported, this one has not"),
    Transition(S.UNCERTAIN, On.SEND_AGAIN, S.QUEUED, "a person chose to risk a second message"),
    Transition(S.UNCERTAIN, On.GIVE_UP, S.FAILED, "a person chose not to send again"),
    Transition(S.DROPPED, On.SEND_AGAIN, S.QUEUED, "a person mended the template"),
    *_from_each((S.ACCEPTED, S.HELD, S.SENT), On.RETRY_LATER, S.QUEUED, "taken at first, refused for now later"),
    *_from_each((S.SENDING, S.UNCERTAIN, S.ACCEPTED, S.HELD), On.SENT_SEEN, S.SENT, "it left the platform"),
    # The wrongly missed: an absence "proven" against a webhook that was only late. The report proves the sending.
    Transition(S.QUEUED, On.SENT_SEEN, S.SENT, "an attempt thought absent was sent"),
    *_from_each(WITH_PLATFORM, On.DELIVERED_SEEN, S.DELIVERED, "it is on the device"),
    *_from_each(WITH_PLATFORM, On.READ_SEEN, S.READ, "read may come without delivered, platform.md D.3"),
    Transition(S.DELIVERED, On.READ_SEEN, S.READ, "read after delivered"),
    *_from_each(
        (S.QUEUED, S.FAILED, S.DROPPED, S.EXPIRED, S.SKIPPED),
        On.DELIVERED_SEEN,
        S.DELIVERED,
        "a late delivered wins, also one of an earlier attempt",
    ),
    *_from_each(
        (S.QUEUED, S.FAILED, S.DROPPED, S.EXPIRED, S.SKIPPED),
        On.READ_SEEN,
        S.READ,
        "a late read wins, also one of an earlier attempt",
    ),
    *_from_each((*WITH_PLATFORM, S.EXPIRED), On.FAILED_SEEN, S.FAILED, "failed may follow sent, platform.md D.3"),
    *_from_each((*WITH_PLATFORM, S.EXPIRED), On.DROPPED_SEEN, S.DROPPED, "held, then dropped, platform.md B.4"),
    *_from_each((S.ACCEPTED, S.HELD, S.SENT), On.TTL_PASSED, S.EXPIRED, "no delivered within TTL, platform.md H"),
)

_TARGETS: Mapping[tuple[MessageState, Signal], MessageState] = {(t.source, t.on): t.target for t in TRANSITIONS}


def next_state(state: MessageState, signal: Signal) -> MessageState | None:
    """The state after a signal, or None where the signal changes nothing."""
    return _TARGETS.get((state, signal))


def sources(signal: Signal) -> list[MessageState]:
    """The states that a signal moves; for the WHERE of a set-based statement."""
    return [t.source for t in TRANSITIONS if t.on is signal]


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    SETTLING = "settling"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PauseReason(StrEnum):
    """Why a campaign stands still. `OPERATOR` is a person's pause; the others are the engine's own."""

    OPERATOR = "operator"
    TEMPLATE_PAUSED = "template_paused"
    TEMPLATE_DISABLED = "template_disabled"
    HELD_FOR_QUALITY = "held_for_quality"
    SENDER_RESTRICTED = "sender_restricted"
    TIER_EXHAUSTED = "tier_exhausted"
    OUTSIDE_WINDOW = "outside_window"
    PAYMENT = "payment"
    CREDENTIALS = "credentials"
    TOO_MANY_FAILURES = "too_many_failures"
    LATE_START = "late_start"
    TEMPLATE_CHANGED = "template_changed"
    CANARY = "canary"


C = CampaignState

CAMPAIGN_MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    C.DRAFT: frozenset({C.SCHEDULED, C.RUNNING, C.CANCELLED}),
    C.SCHEDULED: frozenset({C.RUNNING, C.PAUSED, C.CANCELLED}),
    C.PREPARING: frozenset({C.DRAFT, C.SCHEDULED, C.RUNNING, C.CANCELLED}),
    C.RUNNING: frozenset({C.PAUSED, C.SETTLING, C.CANCELLED}),
    # Paused before its start and resumed before it, too: it waits for the start again.
    C.PAUSED: frozenset({C.RUNNING, C.SCHEDULED, C.SETTLING, C.CANCELLED}),
    # A retry that falls due later, or a message sent again by a person, needs the lanes once more.
    C.SETTLING: frozenset({C.RUNNING, C.COMPLETED, C.CANCELLED}),
    # Messages dropped by the platform can be sent again after the end.
    C.COMPLETED: frozenset({C.RUNNING}),
    C.CANCELLED: frozenset(),
}


def campaign_may_move(state: CampaignState, target: CampaignState) -> bool:
    """Whether a campaign in `state` may go to `target`."""
    return target in CAMPAIGN_MOVES[state]
