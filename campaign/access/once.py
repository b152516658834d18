"""Requests that are done once however often they come: the answer is kept under the key that the caller chose."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from campaign.access import store
from campaign.access.roles import Actor
from campaign.errors import CampaignError, Conflict, UsageError
from models.access import IdempotencyKey
from models.session import Sessions, session_scope

KEPT = timedelta(days=1)
GIVEN_UP_AFTER = timedelta(minutes=15)
"""How long a request may be under way before the next one with its key does it instead."""

LONGEST_KEY = 200


def once(
    sessions: Sessions,
    by: Actor,
    key: str | None,
    request: Mapping[str, Any],
    do: Callable[[], Mapping[str, Any]],
    *,
    now: datetime,
) -> Mapping[str, Any]:
    """Do something, or give the answer again that it had before under this key; without a key just do it.

    raises  Conflict while the first request is under way, UsageError when the key stands for another request, and
            what `do` raises: then nothing is kept, and it may be tried again
    """
    if key is None:
        return do()
    if not 0 < len(key) <= LONGEST_KEY:
        raise UsageError(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters")
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    with session_scope(sessions) as session:
        earlier = store.claim_key(session, by.name, key, digest, now=now, stale_before=now - GIVEN_UP_AFTER)
    if earlier is not None:
        return _again(earlier, digest, key)
    try:
        answer = do()
    except CampaignError:
        with session_scope(sessions) as session:
            store.release_key(session, by.name, key)
        raise
    with session_scope(sessions) as session:
        store.keep_answer(session, by.name, key, dict(answer))
    return answer


def _again(earlier: IdempotencyKey, digest: str, key: str) -> Mapping[str, Any]:
    if earlier.request_sha256 != digest:
        raise UsageError(f"Idempotency-Key {key} was used for another request; choose a new one for this")
    if earlier.answer is None:
        raise Conflict(f"the first request with Idempotency-Key {key} is still under way; ask again in a moment")
    return earlier.answer
