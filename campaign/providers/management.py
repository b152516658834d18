"""Answers to management requests: a JSON object, or an error in words."""

import json
from typing import Any

from campaign.errors import PlatformError
from campaign.providers.answers import read_error
from campaign.providers.base import NotSent, Uncertain
from campaign.providers.transport import Answer


def read_json(answer: Answer | NotSent | Uncertain, url: str) -> dict[str, Any]:
    """The JSON object of a successful answer.

    raises  PlatformError naming the address and what the platform said
    """
    if isinstance(answer, NotSent | Uncertain):
        raise PlatformError(f"{url} cannot be reached ({answer.text}); check the sender's base URL and the network")
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if answer.status == 200 and isinstance(body, dict):
        return body
    code, text = read_error(body if isinstance(body, dict) else None)
    said = f"code {code}, {text}" if code is not None else text or "no reason given"
    raise PlatformError(f"{url} answered HTTP {answer.status}: {said}; check the sender's token and ids")
