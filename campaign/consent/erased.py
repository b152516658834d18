"""Knowing an erased person again without knowing who they are: a keyed hash of their identity.

The key is not in the database, so a dump of it cannot be searched for a phone. What the hash is for: an old list that
is imported again must not bring back the opt-in of somebody who was erased.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.consent.seal_store import erased_subjects
from campaign.errors import ConfigurationError
from campaign.settings import Settings, current_settings

KEY_FILE = "erasure.key"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The key of the hashes; `id` tells keys apart and gives nothing away."""

    secret: bytes

    @property
    def id(self) -> str:
        """The beginning of the key's own hash."""
        return hashlib.sha256(b"key id" + self.secret).hexdigest()[:12]

    def subject(self, identity: str) -> str:
        """The hash of one person."""
        return hmac.digest(self.secret, identity.encode(), "sha256").hex()


def subject_key(settings: Settings) -> SubjectKey:
    """The key of the settings, or the one in the home, which is made when there is none.

    raises  ConfigurationError when the file cannot be read or written
    """
    if settings.erasure_key is not None:
        return SubjectKey(settings.erasure_key.get_secret_value().encode())
    path = settings.home / KEY_FILE
    try:
        return SubjectKey(_read_or_make(path))
    except OSError as error:
        words = f"{path} cannot be used ({error.strerror or error}); set CAMPAIGN_ERASURE_KEY or mend the file"
        raise ConfigurationError(words) from None


def _read_or_make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = path.read_bytes().strip()
        if len(found) < _KEY_BYTES:
            raise OSError(22, "it is too short to be a key") from None
        return found
    with os.fdopen(descriptor, "wb") as file:
        made = secrets.token_hex(_KEY_BYTES).encode()
        file.write(made)
    return made


class ErasedPeople:
    """Who has been erased, and when last."""

    def __init__(self, key: SubjectKey | None, erased_at: Mapping[str, datetime]) -> None:
        self._key = key
        self._erased_at = erased_at

    @classmethod
    def on_record(cls, session: Session, settings: Settings | None = None) -> "ErasedPeople":
        """All of them; the key is asked for only when there are any."""
        erased_at = erased_subjects(session)
        return cls(subject_key(settings or current_settings()) if erased_at else None, erased_at)

    def erased_at(self, identity: str) -> datetime | None:
        """When a person was erased, if they were."""
        return self._erased_at.get(self._key.subject(identity)) if self._key else None
