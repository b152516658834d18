"""The mark that every request carries and every status webhook brings back.

The platform echoes `biz_opaque_callback_data`, at most 512 characters, platform.md A.3: with it a webhook finds its
message even when the response was never read.
"""

import re
from typing import NamedTuple

_FORM = re.compile(r"c(\d{1,18}):m(\d{1,18}):a(\d{1,4})")


class Callback(NamedTuple):
    """Names one attempt of one message."""

    campaign_id: int
    message_id: int
    attempt: int


def callback_data(campaign_id: int, message_id: int, attempt: int) -> str:
    """The text to send along, such as `c7:m4711:a1`."""
    return f"c{campaign_id}:m{message_id}:a{attempt}"


def read_callback(text: str | None) -> Callback | None:
    """What a text names, or None when it is not one of ours."""
    found = _FORM.fullmatch(text or "")
    return Callback(*map(int, found.groups())) if found else None
