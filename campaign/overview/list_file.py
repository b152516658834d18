"""The list of a campaign as it was uploaded, where it was kept."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaign.audience import store
from campaign.audience.uploads import uploads_folder
from campaign.settings import Settings


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that lies here: its digest, by which it is handed out, and what it was called."""

    sha256: str
    file_name: str


def list_file(session: Session, settings: Settings, name: str) -> ListFile | None:
    """The file that a campaign was made from; None when none was kept, or not on this machine."""
    for upload in store.uploads_of_campaign(session, name):
        if (uploads_folder(settings) / upload.sha256).is_file():
            return ListFile(upload.sha256, upload.file_name)
    return None
