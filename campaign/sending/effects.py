"""What an error or a hold means beyond its own message: brakes, pauses, suppressions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine
from campaign.providers.base import Held
from campaign.sending.error_table import Action, Rule, Scope
from campaign.sending.holds import watch_holds
from campaign.sending.pauses import store
from campaign.sending.pauses.endings import with_ending
from campaign.sending.store import Claimed
from models.states import PauseReason


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from one outcome.

    brake_s      the whole sender stops that long; 0 means: as long as the settings say
    pause        reason and words, for every campaign in scope
    scope        whom the pause concerns: a template, a number, or all numbers of an account
    template_id  the template that was sent; None is the campaign's own
    left_at      when the message left that this is reported of: campaigns that were resumed since go on
    """

    campaign_id: int
    brake_s: float | None = None
    pause: tuple[PauseReason, str] | None = None
    scope: Scope = Scope.TEMPLATE
    template_id: int | None = None
    template_status: str | None = None
    held: bool = False
    left_at: datetime | None = None

    @classmethod
    def of_rule(cls, claimed: Claimed, rule: Rule | None, text: str, retry_after_s: float | None) -> Self | None:
        """The effects of an error, or None where it concerns its message alone."""
        match rule.action if rule else None:
            case Action.THROTTLE_ALL if rule:
                return cls(claimed.campaign_id, brake_s=retry_after_s or rule.stop_s)
            case Action.PAUSE_TEMPLATE if rule and rule.pause:
                return cls._of_template(claimed, rule.pause, rule.sentence)
            case Action.PAUSE_NUMBER if rule and rule.pause:
                return cls.of_number(claimed.campaign_id, rule, rule.pause, text)
        return None

    @classmethod
    def of_number(cls, campaign_id: int, rule: Rule, reason: PauseReason, text: str = "") -> Self:
        """An error of the number or the account, answered or reported later: a pause for everybody in its scope."""
        said = f"{rule.sentence} WhatsApp said: {_sentence(text)}" if text else rule.sentence
        return cls(campaign_id, pause=(reason, with_ending(reason, said)), scope=rule.scope)

    @classmethod
    def of_hold(cls, claimed: Claimed, held: Held) -> Self:
        """`paused` in a 200 pauses the campaign until the template has been read again (platform.md A.7)."""
        if not held.paused:
            return cls(claimed.campaign_id, held=True)
        return cls._of_template(claimed, PauseReason.TEMPLATE_PAUSED, "WhatsApp answered that the template is paused.")

    @classmethod
    def _of_template(cls, claimed: Claimed, reason: PauseReason, sentence: str) -> Self:
        status = "DISABLED" if reason is PauseReason.TEMPLATE_DISABLED else "PAUSED"
        pause = (reason, with_ending(reason, sentence))
        return cls(claimed.campaign_id, pause=pause, template_id=claimed.template_id, template_status=status)


def apply_effects(session: Session, effects: Sequence[Effects], hold_after: int) -> None:
    """Pause what has to stand still, once per campaign and reason; runs in the transaction of the records."""
    pauses = {(e.campaign_id, e.scope, e.template_id, e.template_status): e for e in effects if e.pause}
    for effect in pauses.values():
        _pause(session, effect)
    if held := {e.campaign_id for e in effects if e.held}:
        watch_holds(session, held, hold_after)


def _pause(session: Session, effect: Effects) -> None:
    reason, words = effect.pause or (PauseReason.OPERATOR, "")
    match effect.scope:
        case Scope.TEMPLATE:
            template_id = effect.template_id or store.own_template(session, effect.campaign_id)
            if effect.template_status:
                words = _resting(words, store.mark_template(session, template_id, effect.template_status))
            ids = store.of_template(session, template_id)
        case Scope.ACCOUNT:
            # A token may be one number's own; a debt or a ban is everybody's.
            credentials = reason is PauseReason.CREDENTIALS
            ids = store.of_account(session, effect.campaign_id, same_token=credentials)
        case _:
            ids = store.of_sender(session, effect.campaign_id)
    pause_by_engine(session, ids, reason, words, effect.left_at)


def _resting(words: str, marked: Row[Any]) -> str:
    """The words of a pause, and until when it lasts at least where the platform contradicts itself."""
    if marked.ask_at is None:
        return words
    return (
        f"{words} WhatsApp's list says that it may be sent, and messages are refused all the same (round "
        f"{marked.doubts}); the list is read again at {marked.ask_at:%Y-%m-%d %H:%M:%S} UTC."
    )


def longest_brake(effects: Iterable[Effects], default_s: float) -> float | None:
    """How long the sender has to stop, or None when nothing throttled."""
    stops = [e.brake_s or default_s for e in effects if e.brake_s is not None]
    return max(stops, default=None)


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."
