"""Is everything there that a campaign needs? Stores, schema, broker, receiver, clocks, secrets, and who is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy.orm import Session

from campaign.consent.watch import watched
from campaign.errors import CampaignError
from campaign.heartbeat import SILENT_AFTER, last_beat
from campaign.notices.subscriptions import subscriptions, trouble
from campaign.senders import list_senders, missing_for, token_gap
from campaign.settings import Settings, unread_variables
from campaign.webhooks.health import StreamHealth, stream_health, troubles
from console.embedded import StoreAddresses, stores
from console.stores.health import database_clock, redis_health
from models.session import make_engine, make_sessions

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


def look(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that was looked at, with what is wrong with it; it may take some seconds.

    environment  where secrets and settings are looked for
    """
    yield from _variables(environment)
    try:
        with stores(settings) as addresses:
            yield Finding("database", Verdict.OK, f"{_kind(settings.database_url)}, in reach, its schema is current")
            yield from _redis(settings, addresses)
            yield from _clocks(addresses)
            engine = make_engine(addresses.database_url, pool_size=1)
            try:
                with make_sessions(engine)() as session:
                    yield _beat(session)
                    yield _ledger(session)
                    yield from _senders(session, settings, environment)
                    yield from _webhooks(session, settings)
                    yield from _subscriptions(session, environment)
            finally:
                engine.dispose()
    except CampaignError as error:
        yield Finding("stores", Verdict.FAILED, str(error))
    yield _receiver(settings)


def _kind(url: object) -> str:
    return "embedded" if url is None else "a server"


def _variables(environment: Mapping[str, str]) -> Iterator[Finding]:
    unread = unread_variables(dict(environment))
    for name in unread:
        yield Finding("variables", Verdict.WARNING, f"{name} is set but no setting reads it; see docs/settings.md")
    if not unread:
        yield Finding("variables", Verdict.OK, "every CAMPAIGN_ variable that is set is read")


def _redis(settings: Settings, addresses: StoreAddresses) -> Iterator[Finding]:
    health = redis_health(addresses.redis_url)
    kind = _kind(settings.redis_url)
    yield Finding("redis", Verdict.OK, f"{kind}, version {health.version}, in reach; it is the broker, too")
    if health.evicts:
        text = f"may throw keys away ({health.evicts}); set maxmemory-policy noeviction, or the rate may be exceeded"
        yield Finding("redis", Verdict.FAILED, text)
    if not health.durable:
        yield Finding("redis", Verdict.WARNING, "keeps nothing over a restart; set appendonly yes")
    yield _clock("clock of Redis", health.clock)


def _clocks(addresses: StoreAddresses) -> Iterator[Finding]:
    yield _clock("clock of the database", database_clock(addresses.database_url))


def _clock(what: str, theirs: datetime) -> Finding:
    difference_s = abs((datetime.now(UTC) - theirs).total_seconds())
    verdict = Verdict.OK if difference_s <= CLOCK_LIMIT_S else Verdict.WARNING
    advice = "" if verdict is Verdict.OK else "; set both by NTP"
    return Finding(what, verdict, f"{difference_s:.3f} s from this machine's{advice}")


def _beat(session: Session) -> Finding:
    at = last_beat(session)
    if at is None:
        return Finding("beat", Verdict.WARNING, "it was never heard of; start it with campaign up")
    age_s = (datetime.now(UTC) - at).total_seconds()
    if age_s > SILENT_AFTER.total_seconds():
        text = f"silent since {at:%Y-%m-%d %H:%M:%S} UTC: nothing starts or is counted; see whether campaign up runs"
        return Finding("beat", Verdict.WARNING, text)
    return Finding("beat", Verdict.OK, f"heard of {max(0.0, age_s):.0f} s ago, by a worker")


def _ledger(session: Session) -> Finding:
    what, found = "consent ledger", watched(session)
    if found is None:
        return Finding(what, Verdict.OK, "not watched yet: campaign up does that, campaign consent verify at once")
    if found.words:
        return Finding(what, Verdict.FAILED, found.words)
    whole = f"the last whole round ended at {found.whole_at:%Y-%m-%d %H:%M} UTC" if found.whole_at else "first round"
    return Finding(what, Verdict.OK, f"intact as far as the watch has come; {whole}")


def _senders(session: Session, settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    key, senders = settings.secret_key, list_senders(session)
    for sender in senders:
        missing = missing_for(sender, environment, key)
        usable = token_gap(sender, environment, key) is None
        verdict = Verdict.FAILED if not usable else Verdict.WARNING if missing else Verdict.OK
        yield Finding(f"sender {sender.name}", verdict, "; ".join(missing) or f"{sender.state}, its secrets are set")
    if not senders:
        yield Finding("senders", Verdict.WARNING, "there is none yet; add one with campaign senders add")


def _webhooks(session: Session, settings: Settings) -> Iterator[Finding]:
    now = datetime.now(UTC)
    for health in stream_health(session, settings, now):
        found = troubles(health, settings, now)
        for each in found:
            yield Finding(f"webhooks of {health.sender}", Verdict.WARNING, f"{each.trouble}: {each.text}")
        if not found:
            yield Finding(f"webhooks of {health.sender}", Verdict.OK, _stream_words(health))


def _subscriptions(session: Session, environment: Mapping[str, str]) -> Iterator[Finding]:
    for each in subscriptions(session):
        wrong = trouble(each, environment)
        verdict = Verdict.WARNING if wrong else Verdict.OK
        yield Finding(f"subscription {each.name}", verdict, wrong or "its notices are taken")


def _stream_words(health: StreamHealth) -> str:
    last = f"the last came {health.last_webhook_at:%Y-%m-%d %H:%M} UTC" if health.last_webhook_at else "none came yet"
    if health.lag_p50_s is None:
        return last
    return f"{last}; applied {health.lag_p50_s:.1f} s after arrival, at most {health.lag_max_s:.1f} s in the last hour"


def _receiver(settings: Settings) -> Finding:
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
