"""Failure bounds: a campaign whose messages fail alike too often stops by itself, before the list is burnt.

Looked at are the messages of the last minute or so; few of them say nothing. The bounds stand here as rows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine
from campaign.sending import store
from campaign.sending.error_table import Action
from campaign.sending.retry import UNKNOWN_CODE
from models.states import PauseReason

LEAST = 50
"""Messages below which no share is taken for a sign."""


class Bound(NamedTuple):
    """The share of messages that may fail this way, and what to tell a person when more do."""

    share: float
    advice: str


BOUNDS: Mapping[str, Bound] = {
    Action.PARAMETER_BUG.value: Bound(0.2, "check the template and the mapping against campaign report --kind errors"),
    "cannot_be_filled": Bound(0.2, "the template was changed; create the campaign again"),
    UNKNOWN_CODE: Bound(0.2, "look the code up in campaign report --kind errors"),
    Action.SUPPRESS_RECIPIENT.value: Bound(0.5, "check whether the list is old or of the wrong country"),
    "no_answer": Bound(0.5, "check the network and the sender's base URL"),
}
"""What may go wrong, by the reason that messages carry. Retries and marketing caps wait by themselves."""


def stop_failing(session: Session, now: datetime, window: timedelta) -> list[int]:
    """Pause running campaigns that are beyond a bound; their ids. A person resumes them.

    window  how far back messages are looked at, by the time of their claim
    """
    counts: dict[int, dict[str, int]] = {}
    for campaign_id, reason, messages in store.recent_reasons(session, now - window):
        counts.setdefault(campaign_id, {})[reason] = messages
    stopped: list[int] = []
    for campaign_id, reasons in counts.items():
        if words := _beyond(reasons):
            stopped += pause_by_engine(session, [campaign_id], PauseReason.TOO_MANY_FAILURES, words)
    return stopped


def _beyond(reasons: Mapping[str, int]) -> str | None:
    """Why a campaign has to stop, in words; None when it may go on."""
    total = sum(reasons.values())
    if total < LEAST:
        return None
    for reason, bound in BOUNDS.items():
        failed = reasons.get(reason, 0)
        if failed > bound.share * total:
            ended = reason.replace("_", " ")
            return f"{failed:,} of the last {total:,} messages ended as {ended}; {bound.advice}, then resume."
    return None
