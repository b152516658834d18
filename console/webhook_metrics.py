"""What the receiver counts, for Prometheus. Labels are names of known senders, so a stranger cannot fill the memory."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from campaign.settings import Settings
from campaign.webhooks.authenticity import Refusal
from campaign.webhooks.health import StreamHealth, Trouble, troubles

log = structlog.get_logger(__name__)

UNKNOWN = "unknown"
"""The label of requests for senders that do not exist."""

HEALTH = {
    "last_timestamp_seconds": "When the last webhook came; 0: none ever",
    "unapplied": "Webhooks in the inbox that were not applied yet",
    "unapplied_age_seconds": "Age of the oldest of them",
    "lag_seconds": "Longest time from arrival to applied in the last hour",
    "unreported": "Messages accepted in an hour that should have been reported since and were not",
    "problems": "Webhooks that could not be read, not settled yet",
}
"""What is shown of each sender's webhooks, in the order of `show_health`."""

COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LOG_AGAIN_S = 10.0


class WebhookMetrics:
    """Counters of one receiver, in a registry of their own."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._registry = CollectorRegistry()
        self._received = Counter(
            "campaign_webhooks_received", "Webhooks verified and stored", ["sender"], registry=self._registry
        )
        self._refused = Counter(
            "campaign_webhooks_refused", "Webhooks not taken", ["sender", "reason"], registry=self._registry
        )
        self._waiting = Gauge(
            "campaign_webhooks_waiting", "Webhooks that wait for their commit", registry=self._registry
        )
        self.commits = Histogram(
            "campaign_webhooks_commit_seconds",
            "Time of one commit of webhooks",
            buckets=COMMIT_BUCKETS,
            registry=self._registry,
        )
        self._health = {
            name: Gauge(f"campaign_webhooks_{name}", text, ["sender"], registry=self._registry)
            for name, text in HEALTH.items()
        }
        self._trouble = Gauge(
            "campaign_webhooks_trouble", "1 while it lasts", ["sender", "trouble"], registry=self._registry
        )
        # Looking a label up costs more than counting.
        self._received_by: dict[str, Counter] = {}
        self._logged_at: dict[tuple[str, Refusal], float] = {}

    def watch_waiting(self, waiting: Callable[[], int]) -> None:
        """Show how many wait, asked when the page is made."""
        self._waiting.set_function(waiting)

    def count_received(self, sender: str) -> None:
        """One more webhook of a sender is safe."""
        counter = self._received_by.get(sender)
        if counter is None:
            counter = self._received_by[sender] = self._received.labels(sender)
        counter.inc()

    def count_refused(self, sender: str, why: Refusal) -> None:
        """One more was not taken. The log tells of the first, and again after a while, whatever the flood."""
        self._refused.labels(sender, why.value).inc()
        now = self._clock()
        if now - self._logged_at.get((sender, why), -LOG_AGAIN_S) >= LOG_AGAIN_S:
            self._logged_at[sender, why] = now
            log.warning("webhook refused", sender=sender, reason=why.value)

    def show_health(self, streams: Sequence[StreamHealth], settings: Settings, now: datetime) -> None:
        """Show how webhooks come and are applied, by sender; one that is gone is shown no more."""
        for each in (*self._health.values(), self._trouble):
            each.clear()
        for stream in streams:
            last = stream.last_webhook_at.timestamp() if stream.last_webhook_at else 0.0
            oldest = (now - stream.oldest_waiting_at).total_seconds() if stream.oldest_waiting_at else 0.0
            values = (last, stream.waiting, oldest, stream.lag_max_s or 0.0, stream.unreported, stream.problems)
            for gauge, value in zip(self._health.values(), values, strict=True):
                gauge.labels(stream.sender).set(value)
            lasting = {finding.trouble for finding in troubles(stream, settings, now)}
            for trouble in Trouble:
                self._trouble.labels(stream.sender, trouble.value).set(trouble in lasting)

    def page(self) -> bytes:
        """The page in Prometheus's text format."""
        return generate_latest(self._registry)
