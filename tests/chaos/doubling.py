"""The app of the engine with a broker that hands every task out twice: `celery -A tests.chaos.doubling`.

A second copy of each message is put behind the first, with a delivery tag of its own, as a broker does that loses an
acknowledgement.
"""

import copy
import sys
import uuid
from typing import Any

from kombu.transport.redis import Channel

from tasks.app import app

__all__ = ["app"]

SAID = "delivered twice:"
_put_once = Channel._put
_named: set[str] = set()


def _put_twice(channel: Channel, queue: str, message: dict[str, Any], **given: Any) -> None:
    _put_once(channel, queue, message, **given)
    again = copy.deepcopy(message)
    again["properties"]["delivery_tag"] = str(uuid.uuid4())
    _put_once(channel, queue, again, **given)
    task = message.get("headers", {}).get("task", "?")
    if task not in _named:
        _named.add(task)
        sys.stderr.write(f"{SAID} {task}\n")


Channel._put = _put_twice
