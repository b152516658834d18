"""One person out of the files under the home: kept uploads, lists on their way in, and errors written down.

After an erasure in the database, never before: whoever is stopped in between gives the same command again. An upload
is rewritten as a CSV under its old name, with its new SHA-256 on record, or deleted where it cannot be read any more
as it was. A list that is still on its way in is deleted; the wizard asks for it again.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience.bounds import bounds_of
from campaign.audience.list_format import sha256_of
from campaign.audience.phone import Phone
from campaign.audience.uploads import uploads_folder
from campaign.contacts import erasure_store as store
from campaign.contacts.person_in_list import Sought, Way, stands_in, without
from campaign.contacts.traces import Traces, spellings
from campaign.errors import CampaignError
from campaign.settings import Settings
from models.audience import Upload

INCOMING, LOG = "incoming", "log"
"""Folders under the home; see campaign.access.incoming and console.cli.main."""


@dataclass(frozen=True, slots=True)
class FileErased:
    """What became of a file in which the person stood.

    done    rewritten, deleted, or unreadable: then it lies there as it was
    rows    emptied, of a file that was rewritten
    sha256  under which an upload is kept; `new_sha256` is of the file as it is now
    """

    done: str
    file_name: str
    sha256: str | None = None
    new_sha256: str | None = None
    rows: int = 0


def erase_from_files(session: Session, settings: Settings, phones: Sequence[Phone], now: datetime) -> list[FileErased]:
    """Take a person out of every file that the engine keeps on this machine. Reads all of them. Safe to run twice.

    phones  all of theirs
    """
    written = [spelled for phone in phones for spelled in spellings(phone)]
    sought = Sought(frozenset(phone.identity for phone in phones), Traces.of(written))
    ways = store.ways_of_reading(session)
    done = [
        told
        for upload in store.all_uploads(session)
        if (told := _out_of_upload(upload, ways.get(upload.sha256, []), sought, settings, now))
    ]
    done += _out_of_incoming(sought, settings)
    return [*done, *_out_of_errors(sought, settings)]


def _out_of_upload(
    upload: Upload, ways: Sequence[Way], sought: Sought, settings: Settings, now: datetime
) -> FileErased | None:
    path, bounds = uploads_folder(settings) / upload.sha256, bounds_of(settings)
    if not path.is_file():
        return None
    told = FileErased("unreadable", upload.file_name, upload.sha256)
    try:
        if not stands_in(path, {way.region for way in ways}, sought, bounds):
            return None
    except (CampaignError, OSError):
        return told
    # Of a workbook that was read sheet by sheet, one CSV could only be one of them.
    if len({way.sheet for way in ways}) > 1:
        return _deleted(path, upload, now)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        rows = without(path, ways[0] if ways else Way(), sought, bounds, part)
        if not rows and not _was_workbook(ways):
            return None
        upload.erased_sha256, upload.size_bytes = sha256_of(part), part.stat().st_size
        part.replace(path)
    except (CampaignError, OSError):
        return _deleted(path, upload, now)
    finally:
        part.unlink(missing_ok=True)
    upload.erased_at, upload.erased_rows = now, (upload.erased_rows or 0) + rows
    return replace(told, done="rewritten", rows=rows, new_sha256=upload.erased_sha256)


def _was_workbook(ways: Sequence[Way]) -> bool:
    return any(way.sheet is not None for way in ways)


def _deleted(path: Path, upload: Upload, now: datetime) -> FileErased:
    path.unlink()
    upload.erased_at, upload.erased_rows, upload.erased_sha256 = now, None, None
    return FileErased("deleted", upload.file_name, upload.sha256)


def _out_of_incoming(sought: Sought, settings: Settings) -> Iterator[FileErased]:
    for path in _files(settings.home / INCOMING, "*/*"):
        try:
            found = stands_in(path, (), sought, bounds_of(settings))
        except (CampaignError, OSError):
            # Nothing can be made of such a list, and in a day it would go anyway.
            found = True
        if found:
            shutil.rmtree(path.parent, ignore_errors=True)
            yield FileErased("deleted", path.name)


def _out_of_errors(sought: Sought, settings: Settings) -> Iterator[FileErased]:
    """Errors are written down with the values that they happened at."""
    for path in _files(settings.home / LOG, "error-*.log"):
        written = path.read_text("utf-8", errors="replace")
        cleaned = sought.traces.clean(written)
        if cleaned != written:
            path.write_text(cleaned, "utf-8")
            yield FileErased("rewritten", path.name, rows=sum(a != b for a, b in _lines(written, cleaned)))


def _lines(written: str, cleaned: str) -> Iterator[tuple[str, str]]:
    return zip(written.splitlines(), cleaned.splitlines(), strict=False)


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.is_file())


def still_elsewhere(
    session: Session, settings: Settings, lists: Sequence[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    """Of lists in which a person stood, those whose file was kept but does not lie on this machine."""
    kept = {upload.sha256 for upload in store.all_uploads(session) if upload.erased_at is None}
    folder = uploads_folder(settings)
    return [each for each in lists if each["sha256"] in kept and not (folder / each["sha256"]).exists()]
