"""Who posted a body: its signature or its secret header against the sender's own. Pure.

Without a secret nothing is believed. A secret is replaced without a gap by keeping the old one in a second variable,
named as the first with `_PREVIOUS` behind it.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.sender import ProviderKind

PREVIOUS = "_PREVIOUS"

SIGNATURE_HEADER = b"x-hub-signature-256"
TOKEN_HEADER = b"authorization"
_SIGNATURE_PREFIX = b"sha256="
_SIGNATURE_LENGTH = 71


class Refusal(StrEnum):
    """Why a webhook was not taken; the label of the counter."""

    UNKNOWN_SENDER = "unknown_sender"
    NO_SECRET = "no_secret"
    NO_SIGNATURE = "no_signature"
    BAD_SIGNATURE = "bad_signature"
    BAD_TOKEN = "bad_token"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    DISCONNECTED = "disconnected"
    FULL = "full"
    NOT_STORED = "not_stored"
    WRONG_METHOD = "wrong_method"


@dataclass(frozen=True, slots=True)
class Door:
    """What a sender's webhook address accepts. `secrets` empty: nothing.

    header   whose value proves the origin
    signed   the value is a signature of the body; otherwise it is the secret itself
    token    what `hub.verify_token` has to be when the address is registered
    """

    sender_id: int
    name: str
    header: bytes
    signed: bool
    secrets: tuple[bytes, ...]
    token: bytes | None = None


@dataclass(frozen=True, slots=True)
class SenderSecrets:
    """Of a sender, what says where its secrets are."""

    sender_id: int
    name: str
    provider: str
    app_secret_env: str | None
    webhook_token_env: str | None


def door_of(sender: SenderSecrets, environment: Mapping[str, str]) -> Door:
    """The door of a sender, its secrets taken from the environment variables that it names.

    source  platform.md D.1
    """
    signed = sender.provider == ProviderKind.CLOUD
    tokens = _values(sender.webhook_token_env, environment)
    return Door(
        sender.sender_id,
        sender.name,
        SIGNATURE_HEADER if signed else TOKEN_HEADER,
        signed,
        _values(sender.app_secret_env, environment) if signed else tokens,
        tokens[0] if signed and tokens else None,
    )


_BEARER = b"Bearer "
# No header has such a value, and no variable of an environment.
_NOTHING = b"\x00"


def path_proof(door: Door, token: str) -> bytes | None:
    """What a token at the end of the address proves, as the value of the header would; None where it proves nothing.

    At 360dialog the token may stand in the address instead of a header, with or without the header's `Bearer`. Meta
    signs its bodies, and there is nothing that a token could stand for.

    source  platform.md D.1
    """
    if door.signed:
        return None
    given = token.encode("utf-8", "surrogateescape")
    # Every secret is compared, in constant time.
    found = [hmac.compare_digest(secret.removeprefix(_BEARER), given.removeprefix(_BEARER)) for secret in door.secrets]
    return next((secret for secret, same in zip(door.secrets, found, strict=True) if same), _NOTHING)


def refusal_of_header(door: Door, value: bytes) -> Refusal | None:
    """Why a request is refused before its body is read, or None."""
    if not door.secrets:
        return Refusal.NO_SECRET
    if not value:
        return Refusal.NO_SIGNATURE
    if door.signed:
        well_formed = len(value) == _SIGNATURE_LENGTH and value.startswith(_SIGNATURE_PREFIX)
        return None if well_formed else Refusal.BAD_SIGNATURE
    # Every secret is compared, in constant time, so that the time taken says nothing.
    found = [hmac.compare_digest(secret, value) for secret in door.secrets]
    return None if any(found) else Refusal.BAD_SIGNATURE


def refusal_of_body(door: Door, value: bytes, body: bytes) -> Refusal | None:
    """Why a body is refused, or None. HMAC-SHA256 over the raw bytes, compared in constant time."""
    if not door.signed:
        return None
    found = [hmac.compare_digest(sign(secret, body), value) for secret in door.secrets]
    return None if any(found) else Refusal.BAD_SIGNATURE


def sign(secret: bytes, body: bytes) -> bytes:
    """The value of the signature header for a body."""
    return _SIGNATURE_PREFIX + hmac.digest(secret, body, "sha256").hex().encode()


def challenge_accepted(door: Door, mode: str, token: str) -> bool:
    """Whether whoever registers the address knows the verify token."""
    return mode == "subscribe" and door.token is not None and hmac.compare_digest(door.token, token.encode())


def _values(variable: str | None, environment: Mapping[str, str]) -> tuple[bytes, ...]:
    if not variable:
        return ()
    named = (environment.get(variable), environment.get(variable + PREVIOUS))
    return tuple(value.encode() for value in named if value)
