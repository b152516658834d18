"""What the receiver counts, for Prometheus. Labels are names of known senders, so a stranger cannot fill the memory."""

from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from campaign.webhooks.authenticity import Refusal

log = structlog.get_logger(__name__)

UNKNOWN = "unknown"
"""The label of requests for senders that do not exist."""

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

    def page(self) -> bytes:
        """The page in Prometheus's text format."""
        return generate_latest(self._registry)
