"""What the receiver counts, and that a flood does not fill the log."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from campaign.settings import Settings
from campaign.webhooks.authenticity import Refusal
from campaign.webhooks.health import StreamHealth
from console.webhook_metrics import LOG_AGAIN_S, WebhookMetrics

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STREAM = StreamHealth(
    sender_id=1,
    sender="shop",
    last_webhook_at=NOW - timedelta(seconds=30),
    waiting=4,
    oldest_waiting_at=NOW - timedelta(seconds=90),
    received=100,
    lag_p50_s=0.25,
    lag_max_s=1.5,
    accepted=50,
    reported=20,
    problems=2,
)
DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"


def shown(*streams: StreamHealth) -> dict[str, Metric]:
    """The page as Prometheus reads it, after something of everything has happened; metrics by name."""
    metrics = WebhookMetrics(lambda: 0.0)
    metrics.count_received("shop")
    metrics.count_refused("shop", Refusal.BAD_SIGNATURE)
    metrics.show_health(streams, Settings(_env_file=None), NOW)
    found = text_string_to_metric_families(metrics.page().decode())
    # The client library adds when each counter was made.
    return {each.name: each for each in found if not each.name.endswith("_created")}


def values(metric: Metric) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in metric.samples}


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


def test_the_health_of_each_sender_is_shown_in_base_units() -> None:
    other = replace(STREAM, sender="other", last_webhook_at=None, oldest_waiting_at=None, waiting=0, lag_max_s=None)
    page = shown(STREAM, other)
    assert {
        name.removeprefix("campaign_webhooks_"): values(metric)
        for name, metric in page.items()
        if metric.type == "gauge" and name not in ("campaign_webhooks_waiting", "campaign_webhooks_trouble")
    } == {
        "last_timestamp_seconds": {("shop",): NOW.timestamp() - 30, ("other",): 0.0},
        "unapplied": {("shop",): 4.0, ("other",): 0.0},
        "unapplied_age_seconds": {("shop",): 90.0, ("other",): 0.0},
        "lag_seconds": {("shop",): 1.5, ("other",): 0.0},
        "unreported": {("shop",): 30.0, ("other",): 30.0},
        "problems": {("shop",): 2.0, ("other",): 2.0},
    }


def test_every_trouble_is_shown_as_one_while_it_lasts_and_as_zero_else() -> None:
    found = values(shown(STREAM)["campaign_webhooks_trouble"])
    assert found == {
        ("shop", "webhooks_silent"): 0.0,
        ("shop", "webhooks_missing"): 0.0,
        ("shop", "webhooks_not_applied"): 1.0,
        ("shop", "webhooks_unreadable"): 1.0,
    }
    well = replace(STREAM, waiting=0, oldest_waiting_at=None, reported=50, problems=0)
    assert set(values(shown(well)["campaign_webhooks_trouble"]).values()) == {0.0}


def test_a_sender_that_is_gone_is_shown_no_more() -> None:
    metrics = WebhookMetrics(lambda: 0.0)
    for streams in ([STREAM], [replace(STREAM, sender="new")]):
        metrics.show_health(streams, Settings(_env_file=None), NOW)
    assert 'sender="shop"' not in metrics.page().decode()


def test_names_units_and_labels_are_as_prometheus_wants_them() -> None:
    # The name without `_total`, as the parser gives it: counters are counted, whatever else ends so is none.
    for name, metric in shown(STREAM).items():
        assert re.fullmatch(r"campaign(_[a-z]+)+", name)
        assert metric.documentation
        assert not re.search(r"_(total|count|sum|bucket|minutes|ms|milliseconds|hours)$", name)
        assert {label for sample in metric.samples for label in sample.labels} <= {"sender", "reason", "trouble", "le"}
        assert metric.type in ("counter", "gauge", "histogram")
        timed = re.search(r"age|lag|timestamp|commit", name)
        assert bool(timed) is name.endswith("_seconds")


def test_the_page_on_webhooks_lists_every_metric_and_no_other() -> None:
    listed = re.findall(r"^\| `(campaign_webhooks_\w+)", DOCS.read_text("utf-8"), re.MULTILINE)
    ending = {"counter": "_total"}
    ours = [name + ending.get(metric.type, "") for name, metric in shown(STREAM).items()]
    assert sorted(listed) == sorted(ours)
