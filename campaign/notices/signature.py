"""Signatures of notices in the form of Standard Webhooks (standardwebhooks.com); many languages have it. Pure."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from campaign.errors import ConfigurationError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""The headers of a notice."""

SHORTEST = 16
"""Characters of a secret; a shorter one could be guessed from a single notice."""

_ENCODED = "whsec_"


def signed_headers(secret: str, event_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers that prove a notice: HMAC-SHA256 over `ID.TIMESTAMP.BODY`, in base64 after `v1,`.

    raises  ConfigurationError for a secret that is none
    """
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(key_of(secret), f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {ID: event_id, TIMESTAMP: timestamp, SIGNATURE: f"v1,{base64.b64encode(digest).decode()}"}


def key_of(secret: str) -> bytes:
    """The bytes that sign: the secret as it is, or what is encoded in it after `whsec_`.

    raises  ConfigurationError when it is too short, or not base64 after `whsec_`
    """
    if len(secret) < SHORTEST:
        raise ConfigurationError(f"the secret that signs has fewer than {SHORTEST} characters; choose a longer one")
    if not secret.startswith(_ENCODED):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_ENCODED), validate=True)
    except binascii.Error:
        raise ConfigurationError(f"the secret that signs begins with {_ENCODED} but is not base64; mend it") from None
