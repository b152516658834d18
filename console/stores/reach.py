"""Whether the stores that are configured can be reached, said in one line without their passwords."""

from urllib.parse import urlsplit

import psycopg
import redis

from campaign.errors import ConfigurationError

CONNECT_TIMEOUT_S = 5
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
DATABASE_SCHEMES = ("postgresql://", "postgres://")


def connect_database(database_url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to a database. Raises ConfigurationError when it is out of reach or the address has another form."""
    if not database_url.startswith(DATABASE_SCHEMES):
        raise ConfigurationError("CAMPAIGN_DATABASE_URL has to look like postgresql://user:password@host:5432/name")
    try:
        return psycopg.connect(database_url, connect_timeout=CONNECT_TIMEOUT_S, autocommit=True)
    except psycopg.Error as error:
        raise ConfigurationError(
            f"no connection to the database {masked(database_url)}: {_reason(error, database_url)}; "
            "check CAMPAIGN_DATABASE_URL"
        ) from None


def check_redis(redis_url: str) -> None:
    """Raise ConfigurationError when no Redis answers at the address, or the address has another form."""
    if not redis_url.startswith(REDIS_SCHEMES):
        raise ConfigurationError("CAMPAIGN_REDIS_URL has to begin with redis://, rediss:// or unix://")
    try:
        with redis.Redis.from_url(
            redis_url, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_timeout=CONNECT_TIMEOUT_S
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError, TypeError) as error:  # TypeError: an option it does not have
        raise ConfigurationError(
            f"no connection to Redis at {masked(redis_url)}: {_reason(error, redis_url)}; check CAMPAIGN_REDIS_URL"
        ) from None


def masked(url: str) -> str:
    """An address without its user, its password and its query, which may hold a password too."""
    try:
        parts = urlsplit(url)
        place = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{url.partition('://')[0]}://…"
    return f"{parts.scheme}://{place}{port}{parts.path}"


def _reason(error: Exception, url: str) -> str:
    """The first line of an error; its kind alone when the line has the password in it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kind = type(error).__name__
    text = lines[0].removeprefix("connection failed: ").rstrip(".") if lines else kind
    try:
        secret = urlsplit(url).password
    except ValueError:
        return "the address cannot be read"
    return kind if secret and secret in text else text
