"""A query on somebody's own database as a list: read-only, streamed, bounded in time and bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from campaign.audience.bounds import Bounds
from campaign.audience.query import store
from campaign.audience.query.address import bad_address, masked, without_secrets
from campaign.audience.query.statement import bound_values, checked_query
from campaign.audience.spool import write_rows
from campaign.errors import BadList, UsageError

_TOO_LONG = ("statement timeout", "interrupted", "max_statement_time", "maximum statement execution time")
_WROTE = ("read-only transaction", "readonly database", "read only transaction", "data-modifying")


def ask(address: str, query: str | None, parameters: Sequence[str], out: Path, bounds: Bounds) -> dict[str, Any]:
    """Write what a query finds as CSV; how it was asked, without anything secret.

    raises  UsageError for what is asked, BadList for what the database answers
    """
    plain = checked_query(query)
    values = bound_values(plain, parameters)
    try:
        _write(address, plain, values, out, bounds)
    except (NoSuchModuleError, ImportError, ArgumentError) as error:
        scheme = address.partition("://")[0]
        raise UsageError(
            f"--audience {masked(address)}: no driver for {scheme} ({without_secrets(str(error), address)}); install it"
        ) from None
    except (SQLAlchemyError, store.TookTooLong) as error:
        raise _in_words(error, address, bounds) from None
    return {
        "kind": "query",
        "words": f"a query on {masked(address)}",
        "address": masked(address),
        "query": plain,
        "parameters": sorted(values),
    }


def _write(address: str, query: str, values: Mapping[str, Any], out: Path, bounds: Bounds) -> None:
    _check_address(address)
    with store.foreign_rows(address, query, values, bounds.query_timeout_s) as rows:
        written = write_rows(out, rows, most_bytes=bounds.unpacked_max_bytes, what=f"the query on {masked(address)}")
    if written < 2:
        raise BadList(f"the query on {masked(address)} found no rows; correct it and try again")


def _check_address(address: str) -> None:
    """Look at an address before anything is asked or made.

    raises  UsageError or BadList
    """
    try:
        url = store.parts_of(address)
    except ValueError:
        raise bad_address(masked(address), "its port is no number") from None
    if "@" in (url.host or ""):
        # What stands before it is the rest of a password, which a driver would repeat.
        raise bad_address(masked(address), "it has more than one @")
    if url.get_backend_name() == "sqlite" and url.database and not url.query and not Path(url.database).is_file():
        # It would be made, empty.
        raise BadList(f"the query on {masked(address)} failed: there is no such file; correct it and try again")


def _in_words(error: Exception, address: str, bounds: Bounds) -> BadList:
    where = masked(address)
    words = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
    if isinstance(error, store.TookTooLong) or any(sign in words.lower() for sign in _TOO_LONG):
        seconds = f"{bounds.query_timeout_s:g} s"
        return BadList(f"the query on {where} took longer than {seconds}; narrow it, or raise CAMPAIGN_QUERY_TIMEOUT_S")
    if any(sign in words.lower() for sign in _WROTE):
        return BadList(f"the query on {where} tries to write; only reading is allowed, nothing was changed")
    return BadList(f"the query on {where} failed: {without_secrets(words, address)[:300]}; correct it and try again")
