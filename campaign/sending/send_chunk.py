"""Sending for one sender, once: its running campaigns, a lane, until nothing is due."""

from collections.abc import Callable

from campaign.sending.lane import Lane, Line, Tools
from campaign.sending.store import find_sender, running_campaigns
from campaign.templates.components import MessageBuilder


async def send_chunk(sender_id: int, tools: Tools, keep_going: Callable[[], bool]) -> int:
    """Send what is due for a sender while `keep_going()`. Safe to run twice: claims never overlap.

    returns  messages claimed
    raises   LimiterUnavailable, OperationalError when a store is away; what was claimed is recorded or runs out
    """
    with tools.sessions() as session:
        sender = find_sender(session, sender_id)
        pairs = running_campaigns(session, sender_id)
    if sender is None or not pairs:
        return 0
    lines = {campaign.id: Line(campaign, template, MessageBuilder(template, campaign)) for campaign, template in pairs}
    lane = Lane(sender, lines, tools)
    await lane.run(keep_going)
    return lane.claimed
