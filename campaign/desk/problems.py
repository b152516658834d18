"""What needs a person, worst first. Each kind has one sentence in the words of the pages, and a place to act."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from campaign.access import approvals
from campaign.access.consent import LEDGER
from campaign.consent.watch import watched
from campaign.desk import problem_store as store
from campaign.notices.subscriptions import subscriptions
from campaign.sender_health import BLOCKED
from campaign.senders import list_senders, missing_for
from campaign.settings import Settings, unread_variables
from campaign.webhooks.health import Trouble, stream_health, troubles
from campaign.webhooks.problems import list_problems
from models.sender import Sender, SenderState
from models.states import PauseReason


class Kind(StrEnum):
    """What can want a person; in the order of how bad it is."""

    ENGINE_SILENT = "engine_silent"
    LEDGER_BROKEN = "ledger_broken"
    SENDER_DISABLED = "sender_disabled"
    SENDER_RESTRICTED = "sender_restricted"
    SECRET_MISSING = "secret_missing"
    WEBHOOKS_SILENT = "webhooks_silent"
    WEBHOOKS_STUCK = "webhooks_not_applied"
    WEBHOOKS_GAPS = "webhooks_missing"
    CAMPAIGN_PAUSED = "campaign_paused"
    APPROVAL = "approval"
    TEMPLATE_UNSENDABLE = "template_unsendable"
    UNCERTAIN = "uncertain"
    WEBHOOK_UNREAD = "webhook_unread"
    RUN_MISSED = "run_missed"
    RUN_FAILED = "run_failed"
    SENDER_FLAGGED = "sender_flagged"
    NOTICES_GIVEN_UP = "notices_given_up"
    VARIABLE_UNREAD = "variable_unread"


_ORDER = {kind: place for place, kind in enumerate(Kind)}

FOR_PEOPLE = (
    PauseReason.PAYMENT, PauseReason.CREDENTIALS, PauseReason.TOO_MANY_FAILURES, PauseReason.LATE_START,
    PauseReason.TEMPLATE_CHANGED, PauseReason.TEMPLATE_DISABLED,
)  # fmt: skip
"""Pauses that do not end by themselves; a person's own pause is no problem."""

SILENT_AFTER = timedelta(seconds=60)
"""How late the engine may be before it counts as silent."""

RUNS_SHOWN = timedelta(days=7)
WEBHOOKS_SHOWN = 20
"""Unread webhooks that are shown one by one; the first tells of all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that wants a person.

    name   of the campaign, number, template, schedule or variable
    id     of the campaign, template or webhook
    count  messages, campaigns or webhooks that it is about
    text   more about it in the engine's own words
    by     who asked, for an approval
    """

    kind: Kind
    name: str = ""
    id: int | None = None
    count: int = 1
    since: datetime | None = None
    text: str | None = None
    by: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether something stands still or may go wrong until somebody acts."""
        return _ORDER[self.kind] <= _ORDER[Kind.CAMPAIGN_PAUSED]


def find_problems(session: Session, settings: Settings, environment: Mapping[str, str], now: datetime) -> list[Problem]:
    """Everything that wants a person, worst first and oldest first.

    environment  where secrets and settings are looked for
    """
    found = [
        *_of_engine(session, now), *_of_senders(session, settings, environment), *_of_streams(session, settings, now),
        *_of_campaigns(session, settings, now), *_of_webhooks(session), *_of_runs(session, now),
        *_of_subscribers(session),
        *(Problem(Kind.VARIABLE_UNREAD, name) for name in unread_variables(dict(environment))),
    ]  # fmt: skip
    return sorted(found, key=lambda each: (_ORDER[each.kind], each.since or now))


@dataclass(frozen=True, slots=True)
class Verified:
    """When the ledger was last held against its seals, by whom, and whether it stood."""

    at: datetime
    by: str
    intact: bool
    faults: int


def last_verification(session: Session) -> Verified | None:
    """The last verification that a person asked for here; None when nobody did."""
    row = store.last_verification(session, LEDGER)
    if row is None:
        return None
    told = row.after or {}
    return Verified(row.at, row.actor, bool(told.get("intact")), int(told.get("faults") or 0))


def count_waiting(session: Session) -> int:
    """How many things wait for a person, of those that are cheap to count: for every page."""
    return store.count_waiting(session, [reason.value for reason in FOR_PEOPLE])


def _of_engine(session: Session, now: datetime) -> Iterator[Problem]:
    if since := store.silent_since(session, now - SILENT_AFTER):
        yield Problem(Kind.ENGINE_SILENT, since=since)
    watch, verified = watched(session), last_verification(session)
    if watch is not None and watch.fault_count:
        yield Problem(Kind.LEDGER_BROKEN, count=watch.fault_count, since=watch.found_at, text=watch.faults[0])
    elif verified is not None and not verified.intact:
        yield Problem(Kind.LEDGER_BROKEN, count=verified.faults, since=verified.at)


def _of_senders(session: Session, settings: Settings, environment: Mapping[str, str]) -> Iterator[Problem]:
    for sender in list_senders(session):
        if kind := _kind_of(sender):
            ends = f"until {sender.restricted_until:%Y-%m-%d %H:%M} UTC" if sender.restricted_until else None
            told = sender.health_reason or sender.status
            yield Problem(kind, sender.name, text="; ".join(part for part in (told, ends) if part) or None)
        for sentence in missing_for(sender, environment, settings.secret_key):
            yield Problem(Kind.SECRET_MISSING, sender.name, text=sentence)


def _kind_of(sender: Sender) -> Kind | None:
    if sender.state == SenderState.DISABLED:
        return Kind.SENDER_DISABLED
    if sender.state == SenderState.RESTRICTED or sender.health == BLOCKED:
        return Kind.SENDER_RESTRICTED
    return Kind.SENDER_FLAGGED if sender.state == SenderState.FLAGGED else None


def _of_streams(session: Session, settings: Settings, now: datetime) -> Iterator[Problem]:
    for health in stream_health(session, settings, now):
        for finding in troubles(health, settings, now):
            # Unread ones are listed each by itself.
            if finding.trouble is not Trouble.PROBLEMS:
                kind = Kind(finding.trouble.value)
                yield Problem(kind, health.sender, since=health.last_webhook_at, text=finding.text)


def _of_campaigns(session: Session, settings: Settings, now: datetime) -> Iterator[Problem]:
    for row in store.paused_for_people(session, [reason.value for reason in FOR_PEOPLE]):
        yield Problem(Kind.CAMPAIGN_PAUSED, row.name, row.id, since=row.since, text=row.text)
    for approval, campaign in approvals.waiting(session):
        yield Problem(Kind.APPROVAL, campaign.name, campaign.id, since=approval.asked_at, by=approval.asked_by)
    for row in store.long_in_doubt(session, now - timedelta(seconds=settings.uncertain_grace_s) - SILENT_AFTER):
        yield Problem(Kind.UNCERTAIN, row.name, row.id, row.messages, row.since)
    for row in store.unsendable_templates(session):
        text = f"{row.status}: {row.names}"
        yield Problem(Kind.TEMPLATE_UNSENDABLE, row.name, row.id, row.campaigns, row.since, text)


def _of_webhooks(session: Session) -> Iterator[Problem]:
    found = list_problems(session)
    for each in found.problems[:WEBHOOKS_SHOWN]:
        text = f"{each.error}. {each.advice}"
        yield Problem(Kind.WEBHOOK_UNREAD, each.sender, each.id, found.count, each.received_at, text)


_OF_RUN: Mapping[str, Kind] = {"missed": Kind.RUN_MISSED, "failed": Kind.RUN_FAILED}


def _of_runs(session: Session, now: datetime) -> Iterator[Problem]:
    for row in store.failed_runs(session, now - RUNS_SHOWN):
        yield Problem(_OF_RUN[row.state], row.name, since=row.since, text=row.text)


def _of_subscribers(session: Session) -> Iterator[Problem]:
    for each in subscriptions(session):
        if each.given_up:
            yield Problem(Kind.NOTICES_GIVEN_UP, each.name, count=each.given_up, text=each.last_error)
