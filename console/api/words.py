"""Texts, times and names as requests bring them: what no database can keep is refused; and errors in fields' words."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, Field

from campaign.errors import UsageError

LONGEST_TEXT = 1000
LARGEST_ID = 2**62
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def usable(text: str) -> str:
    """A text that a database can keep.

    raises  ValueError for one with a NUL character or half of a character
    """
    if "\0" in text:
        raise ValueError("holds a NUL character; leave it out")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("holds half of a character (a lone surrogate); leave it out") from None
    return text


def _in_our_time(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"is not between {EARLIEST:%Y} and {LATEST:%Y}")
    return moment


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise ValueError("has an offset; give the time by the clock of the zone, without one")
    _in_our_time(moment.replace(tzinfo=UTC))
    return moment


def _day(day: date) -> date:
    if not EARLIEST.year <= day.year < LATEST.year:
        raise ValueError(f"is not between {EARLIEST:%Y} and {LATEST:%Y}")
    return day


Plain = Annotated[str, AfterValidator(usable)]
Text = Annotated[Plain, Field(min_length=1, max_length=LONGEST_TEXT)]
LongText = Annotated[Plain, Field(min_length=1, max_length=100_000)]
PhoneText = Annotated[Plain, Field(min_length=1, max_length=64)]
Region = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", description="Country of phones without one, ISO 3166")]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Local = Annotated[datetime, AfterValidator(_local)]
Day = Annotated[date, AfterValidator(_day)]
UploadId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="What POST /uploads answered")]

Name = Annotated[str, Path(max_length=100)]
Phone = Annotated[str, Path(max_length=64, description="With + and country code")]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Cursor = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Given by the Link of the page before")]
Limit = Annotated[int, Query(ge=1, le=500, description="Most that are given at once")]


def refuse_unusable(request: Request) -> None:
    """Refuse an address that holds what no database can keep.

    raises  UsageError
    """
    for what, value in (*request.path_params.items(), *request.query_params.multi_items()):
        try:
            usable(what), usable(str(value))
        except ValueError as error:
            raise UsageError(f"{what[:50]!r} {error}") from None


FIELDS: Mapping[str, str] = {
    "at": "start_at", "deadline": "deadline_at", "rate": "rate_mps", "map": "mapping", "exclude": "exclude_upload",
    "allow-landlines": "landlines", "allow-service-numbers": "service_numbers", "where": "contacts",
    "param": "query.parameters", "canary": "canary.people", "canary-wait": "canary.wait_s",
    "canary-max-failed": "canary.failed", "canary-max-held": "canary.held", "canary-max-blocked": "canary.blocked",
    "recur": "rule", "not-messaged-within": "not_messaged_within_days", "to-template": "template",
    "older-than": "older_than_s", "warm-up": "warm_up", "variant": "variants", "winner-sample": "winner.sample",
    "winner-after": "winner.after_s", "confidence": "winner.confidence",
}  # fmt: skip
"""Options of the command line to the fields that say the same here; others have the same name."""

_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]*[a-z])")
_OUR_FOLDERS = re.compile(r"\S*/incoming/[A-Za-z0-9_-]{43}/")
_OUR_FILES = re.compile(r"\S*/campaign-list-\S+\.csv")


def in_fields(text: str) -> str:
    """An error for who sent a request: fields instead of options, and no folders of ours. Pure."""
    text = _OUR_FILES.sub("the list", _OUR_FOLDERS.sub("", text))
    return _OPTION.sub(lambda found: FIELDS.get(found[1], found[1].replace("-", "_")), text)
