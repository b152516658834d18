"""Webhooks that could not be read or applied: kept, listed with what to do, and settled by a person."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign.errors import Conflict, NotFound
from campaign.senders import find_sender
from campaign.webhooks import inbox_store as store

MOST = 1000
"""Problems listed at once; a flood of one kind needs no more to be understood."""

ADVICE = (
    ("the body is not JSON", "It broke on its way, or something else posts to this address with your secret."),
    ("the body is a JSON", "Something else than the platform posts to this address with your secret."),
    ("the body has no list", "It has no shape that we know: check that the sender's provider is the right one."),
    ("not understood", "The platform said a part of it in a shape that we do not know; the rest was applied."),
)
"""How an error begins, and what that means."""

FAULT = "The engine failed on it: a fault of ours. Report it with the body."
HIDES = (
    "It may hold what became of a message: while it is open, messages of this sender that were in doubt when it came "
    "are not sent again."
)
NEXT = "See it with campaign webhooks show {id}; after an update campaign webhooks retry {id}, or dismiss {id}."


@dataclass(frozen=True, slots=True)
class Problem:
    """One webhook with a problem that nobody has settled.

    hides  what became of a message may be among what was not read
    """

    id: int
    sender: str
    received_at: datetime
    bytes: int
    error: str
    hides: bool
    advice: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content that nothing acts on, and how often a sender had it."""

    sender: str
    kind: str
    count: int
    first_at: datetime
    last_at: datetime
    last_event_id: int


@dataclass(frozen=True, slots=True)
class Problems:
    """What is open, the newest first and at most `MOST` of `count`; and what is only counted."""

    count: int
    problems: Sequence[Problem]
    kinds: Sequence[Kind]


def list_problems(session: Session, sender: str | None = None) -> Problems:
    """What could not be read or applied, and what is only counted.

    raises  NotFound
    """
    sender_id = find_sender(session, sender).id if sender is not None else None
    rows = store.problems(session, sender_id, MOST)
    return Problems(
        store.count_problems(session, sender_id),
        [
            Problem(
                row.id, row.sender, row.received_at, row.bytes, row.error, bool(row.hides), advice(row.error, row.hides)
            )
            for row in rows
        ],
        [Kind(*tuple(row)) for row in store.kinds(session, sender_id)],
    )


def advice(error: str, hides: bool | None) -> str:
    """What an error means. Pure."""
    meaning = next((words for start, words in ADVICE if error.startswith(start)), FAULT)
    return f"{meaning} {HIDES}" if hides else meaning


def show_webhook(session: Session, event_id: int) -> dict[str, Any]:
    """Everything that is known of one webhook; its body as JSON, or as text where it is none.

    raises  NotFound
    """
    row = store.one_event(session, event_id)
    if row is None:
        raise _unknown(event_id)
    facts: dict[str, Any] = {name: value for name, value in row._asdict().items() if name not in ("sender_id", "body")}
    if row.error is not None:
        facts["advice"] = f"{advice(row.error, row.hides)} {NEXT.format(id=row.id)}"
    return facts | {"body": _shown(bytes(row.body))}


def dismiss(session: Session, event_id: int, now: datetime) -> None:
    """Let the error of a webhook be: it says nothing of any message of ours.

    raises  NotFound, Conflict when there is no open problem
    """
    if store.dismiss(session, event_id, now):
        return
    if store.one_event(session, event_id) is None:
        raise _unknown(event_id)
    raise Conflict(f"webhook {event_id} has no open problem")


def _unknown(event_id: int) -> NotFound:
    return NotFound(f"there is no webhook {event_id}; campaign webhooks problems lists those with a problem")


def _shown(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "backslashreplace")
