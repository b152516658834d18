"""What the tasks of one process work with: settings, stores, providers. Made on first use, once per process.

A prefork child must not share sockets with its parent, so nothing here is made at import.
"""

import asyncio
import gc
import os
import random
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError

from campaign.conversations import Conversation
from campaign.errors import ConfigurationError
from campaign.media.upload import MediaDoor
from campaign.providers.base import Provider
from campaign.providers.cloud import CloudProvider
from campaign.providers.d360 import D360Provider
from campaign.providers.d360_onprem import OnPremProvider
from campaign.providers.history import CloudHistory
from campaign.providers.media import cloud_upload, d360_upload, onprem_upload
from campaign.providers.transport import Wire
from campaign.providers.turns import Turn, in_turn
from campaign.sending.endpoints import other_endpoints
from campaign.sending.lane import Tools
from campaign.sending.limiter import Limiter, LimiterUnavailable
from campaign.sending.pairs import Pairs
from campaign.sending.turns import Turns
from campaign.settings import Settings, current_settings
from campaign.tokens import token_of
from models import Sender
from models.sender import ProviderKind
from models.session import Sessions, make_engine, make_sessions

T = TypeVar("T")
log = structlog.get_logger()

REDIS_TIMEOUT_S = 2.0
SWITCH_INTERVAL_S = 0.0005


def settings() -> Settings:
    """The settings of this process."""
    return current_settings()


@cache
def sessions() -> Sessions:
    """Sessions on the database of the settings.

    raises  ConfigurationError when no database is set: the embedded one is started by `campaign up`
    """
    url = settings().database_url
    if url is None:
        raise ConfigurationError("CAMPAIGN_DATABASE_URL is not set; start the workers with campaign up, or set it")
    return make_sessions(make_engine(url.get_secret_value(), ping=False))


@cache
def redis() -> Redis:
    """The Redis of the settings, for the limiter and the lanes."""
    url = settings().redis_url
    if url is None:
        raise ConfigurationError("CAMPAIGN_REDIS_URL is not set; start the workers with campaign up, or set it")
    timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
    return Redis.from_url(url.get_secret_value(), **timeouts)


@cache
def limiter(key: str) -> Limiter:
    """The limiter of a sender or campaign."""
    return Limiter(redis(), key, settings())


@cache
def pairs() -> Pairs:
    """Who was written to just now."""
    return Pairs(redis(), settings())


def provider_for(sender: Sender) -> Provider:
    """A provider of its own for a sender; give it back with `aclose()`.

    raises  ConfigurationError when its token cannot be had
    """
    token = token_of(sender, os.environ, settings().secret_key)
    return _DIALECTS[ProviderKind(sender.provider)](Wire(settings()), sender, token)


def turn_of(sender: Sender) -> Turn | None:
    """How a sender waits for its turn at what its provider limits beside messages; None where there is no limit."""
    limit = other_endpoints(sender)
    if limit is None:
        return None
    # A command beside embedded stores is told of no address; it asks a few times at most.
    shared = limiter(f"other:{sender.id}") if settings().redis_url is not None else None
    return Turns(shared, limit, sender.name)


def _cloud(wire: Wire, sender: Sender, token: str) -> Provider:
    ids = {"phone_number_id": sender.phone_number_id or "", "waba_id": sender.waba_id or ""}
    return CloudProvider(wire, base_url=sender.base_url, token=token, **ids)


def _d360(wire: Wire, sender: Sender, token: str) -> Provider:
    return D360Provider(wire, base_url=sender.base_url, api_key=token, turn=turn_of(sender))


def _onprem(wire: Wire, sender: Sender, token: str) -> Provider:
    return OnPremProvider(wire, base_url=sender.base_url, api_key=token, turn=turn_of(sender))


_DIALECTS: Mapping[ProviderKind, Callable[[Wire, Sender, str], Provider]] = {
    ProviderKind.CLOUD: _cloud,
    ProviderKind.D360: _d360,
    ProviderKind.D360_ONPREM: _onprem,
}


def history_of(sender: Sender) -> CloudHistory:
    """Where Meta is asked what became of a sender's messages; give it back with `aclose()`.

    raises  ConfigurationError when its token cannot be had
    """
    token = token_of(sender, os.environ, settings().secret_key)
    return CloudHistory(Wire(settings()), sender.base_url, token, sender.phone_number_id or "")


def media_door_for(sender: Sender) -> MediaDoor:
    """Where the files of a sender are uploaded; give it back with `aclose()`.

    raises  ConfigurationError when its token cannot be had
    """
    token = token_of(sender, os.environ, settings().secret_key)
    wire, base_url = Wire(settings()), sender.base_url
    match ProviderKind(sender.provider):
        case ProviderKind.CLOUD:
            return cloud_upload(wire, base_url=base_url, token=token, phone_number_id=sender.phone_number_id or "")
        case ProviderKind.D360:
            return d360_upload(in_turn(wire, turn_of(sender)), base_url=base_url, api_key=token)
        case ProviderKind.D360_ONPREM:
            return onprem_upload(in_turn(wire, turn_of(sender)), base_url=base_url, api_key=token)


_providers: dict[tuple[object, ...], Provider] = {}


def kept_provider(sender: Sender) -> Provider:
    """The provider of a sender, kept for the life of the process so that its connections stay open."""
    ids = (sender.provider, sender.base_url, sender.phone_number_id, sender.waba_id)
    key = (sender.id, *ids, sender.token_env, sender.token_encrypted)
    if key not in _providers:
        _providers[key] = provider_for(sender)
    return _providers[key]


def conversation(sender: Sender) -> Conversation:
    """A sender, a door of its own to the platform (give it back), and the limiter that its campaigns share."""
    return Conversation(sender, provider_for(sender), limiter(f"sender:{sender.id}"))


@cache
def rng() -> random.Random:
    """The dice of this process."""
    return random.Random()


def tools() -> Tools:
    """What a lane works with."""
    return Tools(sessions(), settings(), limiter, pairs(), kept_provider, utc_now, rng())


@cache
def _runner() -> asyncio.Runner:
    # Claims and records run in threads beside the loop; with the default of 5 ms each would wait that long for its
    # turn at every answer of the database while the loop is busy sending.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # What is there by now, modules above all, stays for the life of the process: the garbage collector need not walk
    # through it again every few dozen messages, which took up to half of what a message costs beside its request.
    gc.collect()
    gc.freeze()
    return asyncio.Runner(loop_factory=_loop_factory())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the one event loop of this process; connections to the platform live on it."""
    return _runner().run(work)


@contextmanager
def stores_may_be_away(task: str) -> Iterator[None]:
    """A task whose stores are away ends with one line in the log; the next ring tries again."""
    try:
        yield
    except (OperationalError, InterfaceError, RedisError, LimiterUnavailable) as error:
        log.warning("a store is away; the task ends", task=task, error=str(error).splitlines()[0])


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # no wheel for this platform; the standard loop is slower, not wrong
        return None
    return uvloop.new_event_loop
