"""The files that a mapping names, checked and kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from campaign.errors import UsageError
from campaign.media.files import KINDS, read_media
from campaign.media.store import keep_file
from campaign.templates.mapping import Mapped
from campaign.templates.slots import Slot


def keep_files(session: Session, mapping: Mapped, slots: Sequence[Slot]) -> dict[str, dict[str, Any]]:
    """The mapping with each file known by its content; the files are kept with the campaign.

    raises  NotFound, UsageError for a file that cannot be read, is too large, or is nothing for its header
    """
    kinds = {slot.key: slot.kind.partition(".")[2] for slot in slots}
    found = {key: dict(value) for key, value in mapping.items()}
    for key, value in found.items():
        if "file" not in value:
            continue
        if kinds.get(key) not in KINDS:
            raise UsageError(f"--map {key}=@{value['file']}: the slot takes no file")
        file = read_media(Path(value["file"]), kinds[key])
        keep_file(session, file)
        value["sha256"] = file.sha256
    return found
