"""`campaign doctor`: is everything there that a campaign needs?"""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from console.cli.options import AsJson, utc_now
from console.cli.output import print_json, say

if TYPE_CHECKING:
    from campaign.settings import Settings
    from console.embedded import StoreAddresses

app = typer.Typer()

CLOCK_LIMIT_S = 1.0
"""Difference between two clocks that is worth a word; permits use the store's clock, so none is dangerous."""

RECEIVER_TIMEOUT_S = 3.0


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    text: str


@app.command("doctor", rich_help_panel="Start")
def doctor(as_json: AsJson = False) -> None:
    """Check stores, schema, broker, receiver, clocks and secrets. Exit code 1 when something keeps it from working."""
    findings = list(_findings())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.verdict:8} {finding.what}: {finding.text}")
    if any(finding.verdict is Verdict.FAILED for finding in findings):
        raise typer.Exit(1)


def _findings() -> Iterator[Finding]:
    from campaign.errors import CampaignError
    from campaign.settings import current_settings
    from console.embedded import stores

    yield from _variables()
    settings = current_settings()
    try:
        with stores(settings) as addresses:
            yield Finding("database", Verdict.OK, f"{_kind(settings.database_url)}, in reach, its schema is current")
            yield from _redis(settings, addresses)
            yield from _clocks(addresses)
            yield from _senders()
    except CampaignError as error:
        yield Finding("stores", Verdict.FAILED, str(error))
    yield _receiver(settings)


def _kind(url: object) -> str:
    return "embedded" if url is None else "a server"


def _variables() -> Iterator[Finding]:
    from campaign.settings import unread_variables

    unread = unread_variables(dict(os.environ))
    for name in unread:
        yield Finding("variables", Verdict.WARNING, f"{name} is set but no setting reads it; see docs/settings.md")
    if not unread:
        yield Finding("variables", Verdict.OK, "every CAMPAIGN_ variable that is set is read")


def _redis(settings: "Settings", addresses: "StoreAddresses") -> Iterator[Finding]:
    from console.stores.health import redis_health

    health = redis_health(addresses.redis_url)
    kind = _kind(settings.redis_url)
    yield Finding("redis", Verdict.OK, f"{kind}, version {health.version}, in reach; it is the broker, too")
    if health.evicts:
        text = f"may throw keys away ({health.evicts}); set maxmemory-policy noeviction, or the rate may be exceeded"
        yield Finding("redis", Verdict.FAILED, text)
    if not health.durable:
        yield Finding("redis", Verdict.WARNING, "keeps nothing over a restart; set appendonly yes")
    yield _clock("clock of Redis", health.clock)


def _clocks(addresses: "StoreAddresses") -> Iterator[Finding]:
    from console.stores.health import database_clock

    yield _clock("clock of the database", database_clock(addresses.database_url))


def _clock(what: str, theirs: datetime) -> Finding:
    difference_s = abs((utc_now() - theirs).total_seconds())
    verdict = Verdict.OK if difference_s <= CLOCK_LIMIT_S else Verdict.WARNING
    advice = "" if verdict is Verdict.OK else "; set both by NTP"
    return Finding(what, verdict, f"{difference_s:.3f} s from this machine's{advice}")


def _senders() -> Iterator[Finding]:
    from campaign.senders import list_senders, missing_for, token_gap
    from campaign.settings import current_settings
    from console.cli.stores import open_session

    key = current_settings().secret_key
    with open_session() as session:
        senders = list_senders(session)
    for sender in senders:
        missing = missing_for(sender, os.environ, key)
        usable = token_gap(sender, os.environ, key) is None
        verdict = Verdict.FAILED if not usable else Verdict.WARNING if missing else Verdict.OK
        yield Finding(f"sender {sender.name}", verdict, "; ".join(missing) or f"{sender.state}, its secrets are set")
    if not senders:
        yield Finding("senders", Verdict.WARNING, "there is none yet; add one with campaign senders add")


def _receiver(settings: "Settings") -> Finding:
    from urllib.error import URLError
    from urllib.request import urlopen

    url = f"http://{settings.receiver_host}:{settings.receiver_port}/healthz"
    try:
        with urlopen(url, timeout=RECEIVER_TIMEOUT_S) as answer:
            return Finding("receiver", Verdict.OK, f"{url} answers {answer.status}")
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return Finding(
            "receiver",
            Verdict.WARNING,
            f"{url} does not answer ({reason}); start it with campaign up, or set CAMPAIGN_RECEIVER_PORT to its port",
        )
