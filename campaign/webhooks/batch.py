"""One batch of webhooks to changed messages, in one transaction."""

import random
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Self

from sqlalchemy.orm import Session

from campaign.consent.identity_store import note_recipients
from campaign.providers.base import UnreadableWebhook, WebhookContent
from campaign.providers.events import HIDING, UNREADABLE, acted_on, read_webhook
from campaign.reconciliation.hearing import longest_silence, stretches
from campaign.sending.retry import RetryPolicy, next_step
from campaign.settings import Settings
from campaign.webhooks import hearing_store, inbox_store, store
from campaign.webhooks.consequences import PersonNews, note_people
from campaign.webhooks.facts import attempt_values, message_values, set_expiry, superseded
from campaign.webhooks.inbox_store import Seen
from campaign.webhooks.matching import Heard, load_touched, match
from campaign.webhooks.merge import MessageFacts, Policy, Report, Rules, merge
from campaign.webhooks.plain import merge_plain
from campaign.webhooks.store import Processed, StoredWebhook
from models.states import CampaignState, MessageState

DAY = timedelta(hours=24)


class Said(NamedTuple):
    """What a webhook says beside delivery statuses, and the sender at whose address it was posted."""

    sender_id: int
    content: WebhookContent


Listener = Callable[[Session, Sequence[Said], datetime], None]
"""Called once per batch, inside its transaction, where there is something; in order of arrival, with the time now."""


def nobody_listens(session: Session, said: Sequence[Said], now: datetime) -> None:
    """The listener where there is none."""


Failures = Mapping[tuple[int, int | None], datetime]
"""Failures by campaign and code: when the newest of the messages was claimed."""
FailureListener = Callable[[Session, Failures], None]
"""Called with the failures of a batch, inside its transaction, where there are any."""


def nobody_minds(session: Session, failures: Failures) -> None:
    """The listener to failures where there is none."""


@dataclass(frozen=True, slots=True)
class InboxRules:
    """How the inbox is worked off.

    read         body of a provider to its content, see campaign.providers.events.read_webhook
    policy       what becomes of a message that failed
    batch        most webhooks in one transaction; many, for what is told of a message in one batch is written once
    batch_bytes  most bytes of bodies in one transaction
    budget_s     time after which a run ends with the batch it is at, seconds
    buffer_s     replaces the buffers after a time to live, seconds
    marketing_wait  how long a person is spared marketing whose message is not tried again
    listen       hears what is not a delivery status: replies, preferences, changes of templates and senders
    listen_first  hears what people wrote before anything else of a batch is done, in a transaction of its own
    on_failures  hears which codes came for which campaigns
    silence      the longest time between two webhooks of a sender in which it counts as heard
    count_kinds  whether content that nothing acts on is counted; not when webhooks are applied again
    """

    read: Callable[[str, bytes], WebhookContent]
    policy: Policy
    batch: int = 8000
    batch_bytes: int = 4 * 1024 * 1024
    budget_s: float = 20.0
    buffer_s: float | None = None
    marketing_wait: timedelta = DAY
    listen: Listener = nobody_listens
    listen_first: Listener = nobody_listens
    on_failures: FailureListener = nobody_minds
    silence: timedelta = timedelta(minutes=5)
    count_kinds: bool = True

    @classmethod
    def from_settings(cls, settings: Settings, rng: random.Random) -> Self:
        """The rules that the settings describe; `rng` spreads the retries."""
        policy: Policy = partial(next_step, policy=RetryPolicy.from_settings(settings), rng=rng)
        return cls(
            read_webhook,
            policy,
            batch=settings.webhook_batch,
            batch_bytes=settings.webhook_batch_bytes,
            # The same worker dispatches and sweeps: each gets its turn within a second or so.
            budget_s=settings.beat_interval_s,
            buffer_s=settings.ttl_buffer_s,
            marketing_wait=settings.marketing_retry_delays[0] if settings.marketing_retry_delays_s else DAY,
            silence=longest_silence(timedelta(seconds=settings.uncertain_grace_s)),
        )


@dataclass(slots=True)
class Applied:
    """What a run did: webhooks taken out of the inbox, events found, those not ours, webhooks with a problem.

    failures  failures decided on
    others    what was not a delivery status, by kind
    changed   ids of the messages that were changed
    """

    webhooks: int = 0
    events: int = 0
    unmatched: int = 0
    problems: int = 0
    failures: dict[tuple[int, int | None], datetime] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    changed: set[int] = field(default_factory=set)

    def add(self, more: "Applied") -> None:
        """Count another batch in."""
        self.webhooks += more.webhooks
        self.events += more.events
        self.unmatched += more.unmatched
        self.problems += more.problems
        for (campaign_id, code), claimed_at in more.failures.items():
            self.note_failure(campaign_id, code, claimed_at)
        self.others.update(more.others)
        self.changed |= more.changed

    def note_failure(self, campaign_id: int, code: int | None, claimed_at: datetime) -> None:
        """A message has failed that was claimed then."""
        known = self.failures.get((campaign_id, code), claimed_at)
        self.failures[campaign_id, code] = max(known, claimed_at)


def apply_batch(session: Session, webhooks: Sequence[StoredWebhook], rules: InboxRules, now: datetime) -> Applied:
    """Merge webhooks into the messages that they are about, and take them out of the inbox.

    writes  messages, superseded attempts, what failures mean for people, what the listener writes, processed webhooks,
            senders' last_webhook_at and when they were heard
    locks   the messages touched, in the order of their ids, until the caller commits
    """
    readings = [_Reading(webhook, rules) for webhook in webhooks]
    applied = Applied(webhooks=len(webhooks), events=sum([len(reading.content.deliveries) for reading in readings]))
    plain = merge_plain(session, (event for each in readings for event in each.content.deliveries))
    applied.changed.update(plain.changed)
    heard = [each for reading in readings for each in reading.listen(plain.wamids)]
    touched = load_touched(session, heard)
    reports = match(session, heard, touched)
    bounds = _bounds(session, {touched[id_].campaign_id for id_ in reports}, rules, now)
    changes = _Changes(applied)
    user_ids = _user_ids(touched, reports)
    for id_, told in reports.items():
        changes.merge(touched[id_], told, bounds[touched[id_].campaign_id])
    note_recipients(session, [*plain.user_ids, *user_ids])
    changes.save(session, now, now + rules.marketing_wait)
    if applied.failures:
        rules.on_failures(session, applied.failures)
    if said := [Said(reading.webhook.sender_id, reading.content) for reading in readings if reading.content.tells_more]:
        rules.listen(session, said, now)
    if rules.count_kinds and (seen := [each for reading in readings for each in reading.seen()]):
        inbox_store.note_kinds(session, seen)
    processed = [reading.finish(applied) for reading in readings]
    store.mark_processed(session, processed, now)
    _note_heard(session, webhooks, rules)
    return applied


def _user_ids(touched: Mapping[int, MessageFacts], reports: Mapping[int, Sequence[Report]]) -> list[tuple[int, str]]:
    """Messages and user ids of their people that were not known of them."""
    told = ((id_, report.event.user_id) for id_, about in reports.items() for report in about)
    return list({(id_, user_id) for id_, user_id in told if user_id is not None and user_id != touched[id_].user_id})


def _note_heard(session: Session, webhooks: Sequence[StoredWebhook], rules: InboxRules) -> None:
    """Keep of whom webhooks came when; what we asked for is no proof that they come."""
    # Those of one commit came at one instant.
    arrivals: dict[int, set[datetime]] = {}
    for webhook in webhooks:
        if not webhook.asked:
            arrivals.setdefault(webhook.sender_id, set()).add(webhook.received_at)
    if arrivals:
        store.note_heard(session, {sender_id: max(came) for sender_id, came in arrivals.items()})
        found = {sender_id: stretches(came, rules.silence) for sender_id, came in arrivals.items()}
        hearing_store.note_arrivals(session, found, rules.silence)


class _Reading:
    """One webhook and what its body says, or why it cannot be read."""

    __slots__ = ("content", "error", "heard", "webhook")

    def __init__(self, webhook: StoredWebhook, rules: InboxRules) -> None:
        self.webhook = webhook
        self.error: str | None = None
        self.heard: Sequence[Heard] = ()
        try:
            self.content = rules.read(webhook.provider, webhook.body)
        except UnreadableWebhook as error:
            self.content, self.error = WebhookContent(()), str(error)

    def listen(self, merged: Container[str]) -> Sequence[Heard]:
        """The delivery events whose wamids are not among those that are merged already."""
        sender_id = self.webhook.sender_id
        self.heard = [Heard(sender_id, event) for event in self.content.deliveries if event.wamid not in merged]
        return self.heard

    def seen(self) -> Iterator[Seen]:
        """Kinds of content that nothing acts on."""
        it = self.webhook
        for kind, count in self.content.others.items():
            if not acted_on(kind):
                yield Seen(it.sender_id, kind, count, it.id, it.received_at)

    def finish(self, applied: Applied) -> Processed:
        """Count what was in the webhook, and say what became of it."""
        if others := self.content.others:
            self._note_others(others)
            applied.others.update(others)
        it = self.webhook
        if not self.heard and self.error is None:
            return Processed(it.id, it.received_at, len(self.content.deliveries), 0)
        unmatched = len([each for each in self.heard if not each.matched])
        applied.unmatched += unmatched
        applied.problems += self.error is not None
        return Processed(it.id, it.received_at, len(self.content.deliveries), unmatched, self.error, self._hides())

    def _hides(self) -> bool | None:
        """Whether a delivery status may be among what could not be read; None where everything was read."""
        if self.error is None:
            return None
        others = self.content.others
        return not others or any(kind in HIDING for kind in others)

    def _note_others(self, others: Mapping[str, int]) -> None:
        odd = {kind: count for kind, count in others.items() if kind in UNREADABLE}
        if odd:
            why = self.content.odd
            said = (f"{count} {kind}{f' ({why[kind]})' if kind in why else ''}" for kind, count in sorted(odd.items()))
            self.error = f"not understood: {', '.join(said)}"


TEMPLATE_ID = -4
"""Where a row of `store.lock_touched` has the message's template; NULL is the campaign's own."""


class _Bounds(NamedTuple):
    """Of a campaign, what bounds another try and a time to live."""

    rules: Rules
    category: str
    template_id: int
    ttls: Mapping[str, int | None]
    buffer_s: float | None

    def ttl_of(self, message: MessageFacts) -> int | None:
        """The time to live of the template that a message went with, seconds."""
        return self.ttls.get(str(self.template_of(message)))

    def template_of(self, message: MessageFacts) -> int:
        """The template that a message went with."""
        template_id: int = message.stored[TEMPLATE_ID] or self.template_id
        return template_id


def _bounds(session: Session, campaign_ids: set[int], rules: InboxRules, now: datetime) -> dict[int, _Bounds]:
    rows = store.campaigns_of(session, campaign_ids) if campaign_ids else ()
    return {
        row.id: _Bounds(
            Rules(rules.policy, now, row.state == CampaignState.CANCELLED, row.deadline_at),
            row.category,
            row.template_id,
            row.ttls,
            rules.buffer_s,
        )
        for row in rows
    }


_PROGRESS = len(store.PROGRESS_COLUMNS)


class _Changes:
    """What the merges of a batch changed, collected for one statement each."""

    def __init__(self, applied: Applied) -> None:
        self._applied = applied
        self._progress: list[tuple[Any, ...]] = []
        self._messages: list[tuple[Any, ...]] = []
        self._attempts: list[tuple[Any, ...]] = []
        self._live_again: list[tuple[int, int]] = []
        self._news: list[PersonNews] = []
        self._held_no_more: set[int] = set()

    def merge(self, message: MessageFacts, told: Sequence[Report], bounds: _Bounds) -> None:
        """Merge into one message, and keep what that changed."""
        rows_before = {attempt.number: attempt_values(message.id, attempt) for attempt in superseded(message)}
        merged = merge(message, told, bounds.rules)
        set_expiry(message, bounds.category, bounds.ttl_of(message), bounds.buffer_s)
        self._keep_message(message)
        if message.stored[1] == MessageState.HELD and message.state is not MessageState.HELD:
            self._held_no_more.add(bounds.template_of(message))
        if rows_before or message.newest.ended_as is not None:
            self._keep_attempts(message, rows_before)
        if merged.failure is not None:
            claimed_at = message.newest.claimed_at or bounds.rules.now
            self._applied.note_failure(message.campaign_id, merged.failure.code, claimed_at)
        self._news.extend(PersonNews(message.id, code, at, merged.reached) for code, at in merged.codes.items())
        if merged.disproved:
            self._news.append(PersonNews(message.id, None, bounds.rules.now, reached=True))

    def _keep_message(self, message: MessageFacts) -> None:
        values = message_values(message)
        if values[_PROGRESS:] != message.stored[_PROGRESS : len(values)]:
            self._messages.append(values)
        elif values[:_PROGRESS] != message.stored[:_PROGRESS]:
            self._progress.append(values[:_PROGRESS])
        else:
            return
        self._applied.changed.add(message.id)

    def _keep_attempts(self, message: MessageFacts, before: Mapping[int, tuple[Any, ...]]) -> None:
        after = {attempt.number: attempt_values(message.id, attempt) for attempt in superseded(message)}
        self._attempts.extend(row for number, row in after.items() if row != before.get(number))
        self._live_again.extend((message.id, number) for number in before if number not in after)

    def save(self, session: Session, now: datetime, spare_until: datetime) -> None:
        """Write everything. A superseded attempt that is live again leaves its row before its wamid moves."""
        if self._live_again:
            store.drop_attempts(session, self._live_again)
        if self._progress:
            store.save_progress(session, self._progress)
        if self._messages:
            store.save_messages(session, self._messages)
        if self._attempts:
            store.save_attempts(session, self._attempts)
        if self._held_no_more:
            hearing_store.note_hold_ended(session, self._held_no_more, now)
        if self._news:
            note_people(session, self._news, spare_until)
