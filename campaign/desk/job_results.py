"""What came out of a job as JSON and back. Of a refused row only its number and its reason are kept, and no person."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from campaign.audience.reasons import SENTENCES
from campaign.consent.ledger import ConsentImport, RejectedConsent
from campaign.consent.seals import Verification
from campaign.contacts.load import ContactImport
from campaign.sender_health import Refreshed
from campaign.templates.sync import SyncResult

KINDS: Mapping[str, type[Any]] = {
    each.__name__: each for each in (ConsentImport, ContactImport, Refreshed, SyncResult, Verification)
}
"""Results that are kept; of another one it is only known that the job ended well."""

REFUSED_KEPT = 20


def to_keep(result: Any) -> tuple[str | None, Any]:
    """What is kept of a result: its kind and its content as JSON. Pure."""
    kind = type(result).__name__
    if KINDS.get(kind) is not type(result):
        return None, None
    plain: Callable[[Any], Any] = _ANONYMOUS.get(type(result), lambda each: each)
    return kind, json.loads(TypeAdapter(KINDS[kind]).dump_json(plain(result)))


def from_kept(kind: str | None, kept: Any) -> Any:
    """The result again; None when it is of a kind or shape that this version does not know. Pure."""
    if kind is None or kind not in KINDS:
        return None
    try:
        return TypeAdapter(KINDS[kind]).validate_python(kept)
    except ValidationError:
        return None


def _without_people(refused: Sequence[RejectedConsent]) -> list[RejectedConsent]:
    return [replace(row, text=SENTENCES[row.reason], raw={}) for row in refused[:REFUSED_KEPT]]


_ANONYMOUS: Mapping[type[Any], Callable[[Any], Any]] = {
    each: lambda result: replace(result, rejected=_without_people(result.rejected))
    for each in (ConsentImport, ContactImport)
}
