"""Sending for one sender, once: its running campaigns, a lane, until nothing is due."""

from collections.abc import Callable

from campaign.sending.lane import Lane, Tools
from campaign.sending.lines import running_lines
from campaign.sending.store import find_sender
from models.session import session_scope


async def send_chunk(sender_id: int, tools: Tools, keep_going: Callable[[], bool]) -> int:
    """Send what is due for a sender while `keep_going()`. Safe to run twice: claims never overlap.

    returns  messages claimed
    raises   LimiterUnavailable, OperationalError when a store is away; what was claimed is recorded or runs out
    """
    with session_scope(tools.sessions) as session:
        sender = find_sender(session, sender_id)
        lines = running_lines(session, sender, tools.clock()) if sender is not None else {}
    if sender is None or not lines:
        return 0
    lane = Lane(sender, lines, tools)
    await lane.run(keep_going)
    return lane.claimed
