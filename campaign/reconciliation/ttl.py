"""How long the platform tries to deliver. It says nothing when it gives up, so the clock has to. Pure."""

from datetime import datetime, timedelta

from models.people import Category

DEFAULT_TTL = timedelta(days=30)
AUTHENTICATION_TTL = timedelta(minutes=10)
DEFAULT_BUFFER = timedelta(hours=1)
AUTHENTICATION_BUFFER = timedelta(minutes=10)

LONGEST = -1
"""A template's `message_send_ttl_seconds` that asks for the full 30 days."""


def expires_at(
    accepted_at: datetime, category: str, template_ttl_s: int | None = None, buffer_s: float | None = None
) -> datetime:
    """When a message that was not delivered counts as dropped: its time to live and a buffer after the acceptance.

    category        of the template, lower case
    template_ttl_s  the template's own time to live, seconds; -1 asks for 30 days, None for the category's default
    buffer_s        replaces the category's buffer, seconds
    source          platform.md H
    """
    authentication = category == Category.AUTHENTICATION
    ttl = AUTHENTICATION_TTL if authentication else DEFAULT_TTL
    if template_ttl_s is not None:
        ttl = DEFAULT_TTL if template_ttl_s == LONGEST else timedelta(seconds=template_ttl_s)
    buffer = AUTHENTICATION_BUFFER if authentication else DEFAULT_BUFFER
    return accepted_at + ttl + (buffer if buffer_s is None else timedelta(seconds=buffer_s))
