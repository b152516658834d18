"""Failure bounds: a campaign whose messages fail alike too often stops by itself, before the list is burnt.

Looked at are the messages of the last minute, or of as long as a slow campaign takes for enough of them: most refusals
come by webhook, seconds after the platform has taken a message. Few messages say nothing. The bounds are rows below.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.errors import ConfigurationError
from campaign.lifecycle import pause_by_engine
from campaign.sending.error_table import Action
from campaign.sending.pauses import store
from campaign.sending.retry import UNKNOWN_CODE
from campaign.settings import Settings
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
    Action.WAIT_FOR_CONVERSATION.value: Bound(0.5, "check whether this template may go to people who have not written"),
    Action.SUPPRESS_RECIPIENT.value: Bound(0.5, "check whether the list is old or of the wrong country"),
    "no_answer": Bound(0.5, "check the network and the sender's base URL"),
}
"""What may go wrong, by the reason that messages carry. Retries and marketing caps wait by themselves."""


def bounds_with(shares: Sequence[str]) -> Mapping[str, Bound]:
    """The bounds, with some shares in place of their defaults, each as `class=share`; 1 switches a bound off.

    raises  ConfigurationError for a class that has no bound, or what is no share
    """
    bounds = dict(BOUNDS)
    for given in shares:
        name, _, share = given.strip().partition("=")
        try:
            bounds[name] = bounds[name]._replace(share=_share(share))
        except (KeyError, ValueError):
            known = ", ".join(bounds)
            raise ConfigurationError(
                f"CAMPAIGN_FAILURE_BOUNDS: {given!r} is not class=share with a share of 0 to 1; classes: {known}"
            ) from None
    return bounds


def stop_failing(session: Session, settings: Settings, now: datetime) -> list[int]:
    """Pause running campaigns that are beyond a bound; their ids. A person resumes them.

    Messages of the last `failure_window_s` are looked at, or of as long as a campaign takes for `failure_last` of them.
    """
    bounds = bounds_with(settings.failure_bounds)
    window = timedelta(seconds=settings.failure_window_s)
    counts: dict[int, dict[str, int]] = {}
    for campaign_id, reason, messages in store.recent_reasons(session, now, window, settings.failure_last):
        counts.setdefault(campaign_id, {})[reason] = messages
    stopped: list[int] = []
    for campaign_id, reasons in counts.items():
        if words := _beyond(reasons, bounds):
            stopped += pause_by_engine(session, [campaign_id], PauseReason.TOO_MANY_FAILURES, words)
    return stopped


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share")
    return share


def _beyond(reasons: Mapping[str, int], bounds: Mapping[str, Bound]) -> str | None:
    """Why a campaign has to stop, in words; None when it may go on."""
    total = sum(reasons.values())
    if total < LEAST:
        return None
    for reason, bound in bounds.items():
        failed = reasons.get(reason, 0)
        if failed > bound.share * total:
            ended = reason.replace("_", " ")
            return f"{failed:,} of the last {total:,} messages ended as {ended}; {bound.advice}, then resume."
    return None
