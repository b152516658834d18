"""Lists on their way in through the console or the API: written as they arrive, bounded, found again by their id.

They lie in `CAMPAIGN_HOME/incoming/ID/NAME` until a campaign is made from them (which keeps the file by its digest) or
a day has passed.
"""

import os
import re
import shutil
from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaign.access.secrets import new_secret
from campaign.audience.bounds import megabytes
from campaign.errors import BadList, NotFound, UsageError
from campaign.settings import Settings

KEPT = timedelta(days=1)
LONGEST_NAME = 100

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSAFE = re.compile(r"[^\w .()+-]+")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A list that has arrived. `id` names it from now on; nobody can guess it."""

    id: str
    file_name: str
    size_bytes: int


def folder_of(settings: Settings) -> Path:
    """Where they lie."""
    return settings.home / "incoming"


async def receive(settings: Settings, file_name: str, blocks: AsyncIterable[bytes]) -> Incoming:
    """Write a list as it arrives; after an error nothing of it is left.

    raises  UsageError for an unusable name, BadList when it is empty, too large or cannot be written
    """
    name = safe_name(file_name)
    id_ = new_secret()
    place = folder_of(settings) / id_
    size = 0
    try:
        place.mkdir(parents=True, mode=0o700)
        with (place / name).open("xb") as file:
            async for block in blocks:
                size += len(block)
                if size > settings.list_max_bytes:
                    raise BadList(f"{name} is larger than {megabytes(settings.list_max_bytes)}; split the list")
                file.write(block)
        if not size:
            raise BadList(f"{name} is empty; choose the list again")
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise BadList(f"{name} cannot be written here ({error.strerror}); make room, or tell an admin") from None
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return Incoming(id_, name, size)


def path_of(settings: Settings, id_: str) -> Path:
    """The file of a list that has arrived.

    raises  NotFound when it was forgotten meanwhile, or never arrived
    """
    files = list((folder_of(settings) / id_).glob("*")) if _ID.fullmatch(id_) else []
    if not files:
        raise NotFound("this list is not here any more (lists wait for a day); upload it again")
    return files[0]


def forget_old(settings: Settings, now: datetime) -> int:
    """Delete lists of which nothing was made for a day; how many."""
    old = [
        place
        for place in (folder_of(settings).iterdir() if folder_of(settings).is_dir() else ())
        if datetime.fromtimestamp(place.stat().st_mtime, UTC) < now - KEPT
    ]
    for place in old:
        shutil.rmtree(place, ignore_errors=True)
    return len(old)


def safe_name(file_name: str) -> str:
    """The last part of a name, without anything that a file system or a page could mistake.

    raises  UsageError when nothing is left
    """
    last = os.path.basename(file_name.replace("\\", "/"))
    name = _UNSAFE.sub("_", last).strip(" .")
    stem, suffix = os.path.splitext(name)
    if not stem:
        raise UsageError("the file has no name; give it one that ends in .csv, .xlsx or the like")
    return stem[: LONGEST_NAME - len(suffix)] + suffix[:LONGEST_NAME]
