"""What an error or a hold means beyond its own message: brakes, pauses, suppressions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine
from campaign.providers.base import Held
from campaign.sending.error_table import Action, Rule
from campaign.sending.holds import watch_holds
from campaign.sending.store import Claimed, campaigns_in_scope, mark_template
from models.states import PauseReason


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from one outcome.

    brake_s  the whole sender stops that long; 0 means: as long as the settings say
    pause    reason and words, for every campaign in the rule's scope
    """

    campaign_id: int
    brake_s: float | None = None
    pause: tuple[PauseReason, str] | None = None
    whole_sender: bool = False
    template_status: str | None = None
    held: bool = False

    @classmethod
    def of_rule(cls, claimed: Claimed, rule: Rule | None, text: str, retry_after_s: float | None) -> Self | None:
        """The effects of an error, or None where it concerns its message alone."""
        match rule.action if rule else None:
            case Action.THROTTLE_ALL:
                return cls(claimed.campaign_id, brake_s=retry_after_s or 0)
            case Action.PAUSE_TEMPLATE if rule and rule.pause:
                return cls(
                    claimed.campaign_id, pause=(rule.pause, rule.sentence), template_status=_status_of(rule.pause)
                )
            case Action.PAUSE_NUMBER if rule and rule.pause:
                words = f"{rule.sentence} WhatsApp said: {text}" if text else rule.sentence
                return cls(claimed.campaign_id, pause=(rule.pause, words), whole_sender=True)
        return None

    @classmethod
    def of_hold(cls, claimed: Claimed, held: Held) -> Self:
        """`paused` in a 200 pauses the campaign until the template has been read again (platform.md A.7)."""
        if not held.paused:
            return cls(claimed.campaign_id, held=True)
        words = "WhatsApp answered that the template is paused."
        return cls(claimed.campaign_id, pause=(PauseReason.TEMPLATE_PAUSED, words), template_status="PAUSED")


def apply_effects(session: Session, effects: Sequence[Effects], hold_after: int) -> None:
    """Pause what has to stand still, once per campaign and reason; runs in the transaction of the records."""
    pauses = {(e.campaign_id, e.whole_sender, e.template_status): e.pause for e in effects if e.pause}
    for (campaign_id, whole_sender, template_status), pause in pauses.items():
        if template_status:
            mark_template(session, campaign_id, template_status)
        ids = campaigns_in_scope(session, campaign_id, whole_sender=whole_sender)
        pause_by_engine(session, ids, *pause)
    if held := {e.campaign_id for e in effects if e.held}:
        watch_holds(session, held, hold_after)


def longest_brake(effects: Iterable[Effects], default_s: float) -> float | None:
    """How long the sender has to stop, or None when nothing throttled."""
    stops = [e.brake_s or default_s for e in effects if e.brake_s is not None]
    return max(stops, default=None)


def _status_of(reason: PauseReason) -> str:
    return "DISABLED" if reason is PauseReason.TEMPLATE_DISABLED else "PAUSED"
