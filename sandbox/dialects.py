"""The three dialects: how a client opens the door, what it is answered, how webhooks are framed and signed.

Paths, keys and envelopes: platform.md A.1, A.7, C.1, D.1 and D.2.
"""

import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from sandbox.account import Number
from sandbox.config import SandboxConfig
from sandbox.events import cloud_status, on_premise_status, user_id_of
from sandbox.ledger import Entry
from sandbox.refusals import Refusal
from sandbox.wamid import Ids

JSON = (b"content-type", b"application/json")
_TRACE = "AFictionTrace0000000001"


class Dialect(ABC):
    """What all have in common. One object serves every number."""

    name = ""
    media_days = 30
    callback_data = True
    webhook_header = ""

    def __init__(self, config: SandboxConfig, ids: Ids) -> None:
        self._config, self._ids = config, ids

    @abstractmethod
    def open(self, numbers: Mapping[str, Number], headers: Mapping[bytes, bytes], number_id: str | None) -> Number:
        """The number that a request may speak for.

        raises  Refusal when the key is missing or wrong
        """

    def message_id(self, entry: Entry) -> str:
        """The id of an accepted message."""
        return self._ids.cloud(entry.wa_id or "", entry.seq)

    def inbound_id(self, phone: str, number: int) -> str:
        """The id of a message from a person."""
        return self._ids.cloud(phone, number, 0x12)

    def accepted(self, entry: Entry, message_status: str | None) -> bytes:
        """The answer to a message that was taken. `message_status` None: the field is left out."""
        # Written by hand: three times as fast as json.dumps, and there is one for every message.
        status = f',"message_status":"{message_status}"' if message_status else ""
        who = f'"user_id":"{user_id_of(entry.wa_id or "0")}"' if entry.hidden else f'"wa_id":"{entry.wa_id}"'
        return (
            f'{{"messaging_product":"whatsapp","contacts":[{{"input":{quoted(entry.to or "")},{who}}}],'
            f'"messages":[{{"id":"{entry.message_id}"{status}}}]}}'
        ).encode()

    def refused(self, refusal: Refusal, quirks: Collection[str] = ()) -> tuple[int, bytes]:
        """HTTP status and body of a refusal."""
        return refusal.status, json.dumps(_graph_error(refusal)).encode()

    def throttled(self, status: int) -> Refusal:
        """What is said above the throughput."""
        return Refusal(130429, status=status)

    def status(self, entry: Entry, bit: int, at: float, quirks: Collection[str]) -> str:
        """One status as JSON text."""
        return cloud_status(entry, bit, at, quirks)

    def frame(self, number: Number, key: str, items: Sequence[str], contacts: Sequence[str]) -> bytes:
        """A webhook body of field `messages`. `key`: statuses, messages, or user_preferences (a field of its own)."""
        field = "user_preferences" if key == "user_preferences" else "messages"
        people = f'"contacts":[{",".join(contacts)}],' if contacts else ""
        return (
            f'{{"object":"whatsapp_business_account","entry":[{{"id":"{self._config.waba_id}","changes":[{{"value":'
            f'{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{number.display}",'
            f'"phone_number_id":"{number.number_id}"}},{people}"{key}":[{",".join(items)}]}},"field":"{field}"}}]}}]}}'
        ).encode()

    def event(self, field: str, value: Mapping[str, Any], at: float) -> bytes | None:
        """A webhook body of an account or template field; None where the dialect has none."""
        change = {"value": value, "field": field}
        # `time` stands on account and template fields and not on messages, platform.md D.2.
        entry = {"id": self._config.waba_id, "time": int(at), "changes": [change]}
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()

    @abstractmethod
    def seal(self, body: bytes, extra: Mapping[str, str]) -> dict[str, str]:
        """The headers that prove where a webhook comes from."""


class Cloud(Dialect):
    """Meta Cloud API: bearer token, number in the path, webhooks signed with the app secret."""

    name = "cloud"

    def open(self, numbers: Mapping[str, Number], headers: Mapping[bytes, bytes], number_id: str | None) -> Number:
        """The number named in the path."""
        # 104 without any token, 190 with a wrong one: two different mistakes of a client.
        given = headers.get(b"authorization")
        if given is None:
            raise Refusal(104)
        if not _same(given, f"Bearer {self._config.token}"):
            raise Refusal(190)
        number = numbers.get(number_id or "")
        if number is None:
            raise Refusal(33, f"Object with ID '{number_id}' does not exist or cannot be loaded.")
        return number

    def seal(self, body: bytes, extra: Mapping[str, str]) -> dict[str, str]:
        """`X-Hub-Signature-256` over the raw body."""
        return {"X-Hub-Signature-256": signature(self._config.app_secret, body)}


class D360(Dialect):
    """360dialog's hosting of the Cloud API: one key per number, errors of its gateway beside those of Graph."""

    name = "d360"
    media_days = 14

    def open(self, numbers: Mapping[str, Number], headers: Mapping[bytes, bytes], number_id: str | None) -> Number:
        """The number that the key belongs to."""
        given = headers.get(b"d360-api-key", b"")
        # Compared one by one in constant time; there are few.
        for number in numbers.values():
            if _same(given, number.key):
                return number
        raise GatewayRefusal(401, "Invalid api key")

    def refused(self, refusal: Refusal, quirks: Collection[str] = ()) -> tuple[int, bytes]:
        """The gateway's own envelope, or Graph's, which the marketing path wraps once more."""
        if isinstance(refusal, GatewayRefusal):
            meta = {"developerMessage": refusal.details, "httpCode": refusal.status, "success": False}
            return refusal.status, json.dumps({"meta": meta}).encode()
        error = _graph_error(refusal)
        return refusal.status, json.dumps({"detail": error} if "wrapped_errors" in quirks else error).encode()

    def throttled(self, status: int) -> Refusal:
        """HTTP 400 and a text, no code, platform.md C.4."""
        return GatewayRefusal(400, "You have exceeded the endpoint rate limit.")

    def seal(self, body: bytes, extra: Mapping[str, str]) -> dict[str, str]:
        """The headers that were configured with the address, else the one of the command line."""
        # What a client configured with its address replaces the default altogether.
        if extra:
            return dict(extra)
        authorization = self._config.webhook_authorization
        return {"Authorization": authorization} if authorization else {}


class OnPremise(D360):
    """The retired On-Premise API: no contacts in answers, no callback data, flat webhooks, codes of its own."""

    name = "d360-onprem"
    callback_data = False

    def message_id(self, entry: Entry) -> str:
        """`gBGG…`."""
        return self._ids.on_premise(entry.wa_id or "", entry.seq)

    def inbound_id(self, phone: str, number: int) -> str:
        """`ABGG…`: as outbound, with another first byte."""
        # Only the direction is told apart; the rest is opaque to clients.
        return "A" + self._ids.on_premise(phone, number)[1:]

    def accepted(self, entry: Entry, message_status: str | None) -> bytes:
        """The id alone."""
        return f'{{"messages":[{{"id":"{entry.message_id}"}}],"meta":{_META}}}'.encode()

    def refused(self, refusal: Refusal, quirks: Collection[str] = ()) -> tuple[int, bytes]:
        """`errors[]`, each with code, title and details."""
        if isinstance(refusal, GatewayRefusal):
            return super().refused(refusal)
        error = {"code": refusal.on_premise, "title": refusal.row.title, "details": refusal.details}
        return refusal.status, f'{{"errors":[{json.dumps(error)}],"meta":{_META}}}'.encode()

    def status(self, entry: Entry, bit: int, at: float, quirks: Collection[str]) -> str:
        """One flat status."""
        return on_premise_status(entry, bit, at, quirks)

    def frame(self, number: Number, key: str, items: Sequence[str], contacts: Sequence[str]) -> bytes:
        """No object, no entry: the lists alone."""
        people = f'"contacts":[{",".join(contacts)}],' if contacts else ""
        return f'{{{people}"{key}":[{",".join(items)}]}}'.encode()

    def event(self, field: str, value: Mapping[str, Any], at: float) -> bytes | None:
        """There were no webhooks about templates or accounts."""
        return None


class GatewayRefusal(Refusal):
    """360dialog's gateway refuses by itself: an HTTP status and a sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(0, text, status=status)


class Door:
    """One way in: a dialect, a number and, in the Cloud dialect, a version."""

    __slots__ = ("dialect", "number", "number_id", "version")

    def __init__(self, dialect: Dialect, number: Number | None, number_id: str, version: float) -> None:
        self.dialect, self.number, self.number_id, self.version = dialect, number, number_id, version

    def message_id(self, entry: Entry) -> str:
        """The id of an accepted message."""
        return self.dialect.message_id(entry)


def make_dialects(config: SandboxConfig, ids: Ids) -> dict[str, Dialect]:
    """The dialects that are served, by name."""
    kinds: tuple[type[Dialect], ...] = (Cloud, D360, OnPremise)
    return {kind.name: kind(config, ids) for kind in kinds if kind.name in config.dialects}


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def _graph_error(refusal: Refusal) -> dict[str, Any]:
    row = refusal.row
    error: dict[str, Any] = {
        "message": row.title if row.code in (104, 190) else f"(#{row.code}) {row.title}",
        "type": "OAuthException",
        "code": row.code,
        "error_data": {"messaging_product": "whatsapp", "details": refusal.details},
        "fbtrace_id": _TRACE,
    }
    # Token errors come from Graph itself, which knows no details.
    if row.code in (104, 190):
        del error["error_data"]
    if refusal.status >= 500:
        error["is_transient"] = True
    return {"error": error}


def _same(given: bytes, expected: str) -> bool:
    return hmac.compare_digest(given, expected.encode())


_META = '{"api_status":"stable","version":"2.31.5"}'
