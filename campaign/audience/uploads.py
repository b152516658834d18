"""Uploaded files, kept under the home by their SHA-256 so that they can be had again; the same file is kept once."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience import store
from campaign.audience.source import ListSource
from campaign.audience.spool import KEPT, LOOKED_AT
from campaign.errors import BadList, Conflict, NotFound, UsageError
from campaign.names import nearest
from campaign.settings import Settings
from models.audience import Upload

_BLOCK = 1 << 20
_SHORTEST_START = 6
"""Characters of a SHA-256 by which an upload may be named."""


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """An upload as it is listed; `campaigns` were made from it, `there` says whether its file still lies here.

    erased_at    when an erasure last took somebody out of it
    erased_rows  rows of it that erasures emptied
    erased_sha256  of the file as erasures left it; None where they had to delete it
    """

    sha256: str
    file_name: str
    size_bytes: int
    created_at: datetime
    campaigns: Sequence[str]
    there: bool
    erased_at: datetime | None = None
    erased_rows: int | None = None
    erased_sha256: str | None = None


def uploads_folder(settings: Settings) -> Path:
    """Where uploads lie."""
    return settings.home / "uploads"


def keep_upload(session: Session, source: ListSource, folder: Path | None) -> None:
    """Keep the file of a list that was read; last of all, so that little is left that could fail after it.

    folder  None keeps nothing
    raises  BadList when the file is no longer what was read
    """
    if folder is None or source.upload is None:
        return
    place = folder / source.sha256
    new = not place.exists()
    size = _copy(source.upload, place, source.sha256)
    try:
        store.add_upload(session, source.sha256, source.upload.name, size)
        _as_it_came(session, source.sha256, size)
    except BaseException:
        if new:
            place.unlink(missing_ok=True)
        raise


def _as_it_came(session: Session, sha256: str, size: int) -> None:
    """What an erasure had rewritten lies there again as it was, since somebody uploaded it anew."""
    upload = session.get(Upload, sha256)
    if upload is not None and upload.erased_at is not None:
        upload.size_bytes = size
        upload.erased_at = upload.erased_rows = upload.erased_sha256 = None


def used_before(session: Session, source: ListSource, campaign_id: int) -> list[str]:
    """Sentences about the file itself: cells without a value, and that earlier campaigns used the same list."""
    of_cells = list(source.how.get("warnings", ()))
    earlier = store.imports_of(session, source.sha256, campaign_id)
    if not earlier:
        return of_cells
    name, at = earlier[0]
    more = f", and by {len(earlier) - 1} before it" if len(earlier) > 1 else ""
    return [*of_cells, f"The same list was used by campaign {name} on {at:%Y-%m-%d}{more}."]


def kept_uploads(session: Session, settings: Settings) -> list[KeptUpload]:
    """Every upload, newest first."""
    folder = uploads_folder(settings)
    used = store.campaigns_by_sha256(session)
    return [
        KeptUpload(
            *(each.sha256, each.file_name, each.size_bytes, each.created_at),
            campaigns=used.get(each.sha256, ()),
            there=(folder / each.sha256).is_file(),
            erased_at=each.erased_at,
            erased_rows=each.erased_rows,
            erased_sha256=each.erased_sha256,
        )
        for each in store.uploads(session)
    ]


def get_upload(session: Session, settings: Settings, which: str, out: Path) -> Upload:
    """Write the file of an upload, named by its SHA-256 (its first characters do) or by a campaign made from it.

    raises  NotFound, Conflict when the characters fit several, UsageError when `out` cannot be written
    """
    found = _find(session, which)
    place = uploads_folder(settings) / found.sha256
    if not place.is_file() and found.erased_at is not None:
        raise NotFound(
            f"the file of {found.file_name} was deleted on {found.erased_at:%Y-%m-%d}, when somebody in it was erased"
        )
    if not place.is_file():
        raise NotFound(f"the file of {found.file_name} is no longer in {place.parent}; it was kept on another machine?")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(place, part)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{out} cannot be written: {error.strerror or error}; choose another --out") from None
    return found


def remove_upload(session: Session, settings: Settings, which: str) -> Upload:
    """Delete the file of an upload for good; campaigns made from it stay as they are.

    raises  NotFound, Conflict
    """
    found = _find(session, which)
    (uploads_folder(settings) / found.sha256).unlink(missing_ok=True)
    session.delete(found)
    return found


def sweep_parts(settings: Settings, now: datetime) -> int:
    """Delete half-written files that killed processes left among the uploads, once they are a day old; how many."""
    gone = 0
    for path in islice(uploads_folder(settings).glob(".*.part"), LOOKED_AT):
        # Somebody else may take it away meanwhile.
        with contextlib.suppress(OSError):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - KEPT:
                path.unlink()
                gone += 1
    return gone


def _find(session: Session, which: str) -> Upload:
    fitting = [] if len(which) < _SHORTEST_START else store.uploads_like(session, which.lower())
    fitting = fitting or store.uploads_of_campaign(session, which)
    if not fitting:
        known = store.names_with_upload(session)
        raise NotFound(f"no upload and no campaign with one is called {which}; {nearest(which, known)}")
    if len(fitting) > 1:
        raise Conflict(f"{which} fits {len(fitting)} uploads; give more characters of one of them")
    return fitting[0]


def _copy(path: Path, place: Path, sha256: str) -> int:
    """Copy a file under the name of its content, whole or not at all; its size."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file, part.open("wb") as kept:
            os.chmod(part, 0o600)
            while block := file.read(_BLOCK):
                digest.update(block)
                size += kept.write(block)
        if digest.hexdigest() != sha256:
            raise BadList(f"{path} was changed while it was read; try again when it is complete")
        part.replace(place)
    except OSError as error:
        raise BadList(f"{path} cannot be kept in {place.parent} ({error.strerror}); make room, or allow it") from None
    finally:
        part.unlink(missing_ok=True)
    return size
