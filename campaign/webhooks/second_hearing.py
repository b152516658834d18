"""Reports that came before we knew their message: heard once more.

Without callback data only the wamid tells whose a report is, and the wamid is known when the answer has been recorded.
A report may overtake that. On-Premise none has callback data, elsewhere one may come without. So what found no message
goes back to the inbox once, when every answer that was on its way has been read. Applying it again changes nothing that
was applied.
"""

from datetime import datetime, timedelta

import structlog

from campaign.settings import Settings
from campaign.webhooks import store
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

SPARE = timedelta(seconds=10)
"""Beyond the longest wait for an answer: the time to record it."""

LOOK_BACK = timedelta(hours=1)
"""How far back reports are looked for; longer than any pause of the sweeps that is not an outage of its own."""


def hear_unmatched_again(sessions: Sessions, settings: Settings, *, now: datetime) -> int:
    """Put webhooks whose reports found no message back into the inbox, once. Safe to run twice. Returns how many.

    source  platform.md I.2
    """
    wait = timedelta(seconds=settings.answer_timeout_s) + SPARE
    with session_scope(sessions) as session:
        heard_again = store.reopen_unmatched(session, wait, now - LOOK_BACK, now)
    if heard_again:
        log.info("webhooks are heard again", webhooks=heard_again)
    return heard_again
