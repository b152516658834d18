"""What the receiver counts, and that a flood does not fill the log."""

import structlog

from campaign.webhooks.authenticity import Refusal
from console.webhook_metrics import LOG_AGAIN_S, WebhookMetrics


def test_the_page_shows_what_was_counted() -> None:
    metrics = WebhookMetrics(lambda: 0.0)
    metrics.watch_waiting(lambda: 7)
    for _ in range(3):
        metrics.count_received("shop")
    metrics.count_refused("shop", Refusal.BAD_SIGNATURE)
    page = metrics.page().decode()
    assert 'campaign_webhooks_received_total{sender="shop"} 3.0' in page
    assert 'campaign_webhooks_refused_total{reason="bad_signature",sender="shop"} 1.0' in page
    assert "campaign_webhooks_waiting 7.0" in page


def test_two_receivers_count_apart() -> None:
    first, second = WebhookMetrics(lambda: 0.0), WebhookMetrics(lambda: 0.0)
    first.count_received("shop")
    assert b'sender="shop"' not in second.page()


def test_a_flood_is_told_of_once_in_a_while() -> None:
    now = 0.0
    metrics = WebhookMetrics(lambda: now)
    with structlog.testing.capture_logs() as told:
        for _ in range(1000):
            metrics.count_refused("shop", Refusal.BAD_SIGNATURE)
        metrics.count_refused("shop", Refusal.NO_SECRET)
        now = LOG_AGAIN_S
        metrics.count_refused("shop", Refusal.BAD_SIGNATURE)
    assert [entry["reason"] for entry in told] == ["bad_signature", "no_secret", "bad_signature"]
