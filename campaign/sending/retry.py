"""What comes next for a message that failed. Pure: knows no session, clock or network."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.sending.error_table import Action, Rule, rule_for
from campaign.settings import Settings

UNKNOWN_CODE = "unknown_code"


@dataclass(frozen=True, slots=True)
class Failure:
    """What the platform said about one attempt. `by_webhook`: after it had taken the message at first."""

    code: int | None
    text: str
    retries: int
    http_status: int = 0
    by_webhook: bool = False


@dataclass(frozen=True, slots=True)
class SendAgainAt:
    """Back to the queue. `punished`: the try counts against the retry limit."""

    due_at: datetime
    reason: str
    rule: Rule
    punished: bool = True


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Failed for good. `rule` None: the code is not in the table."""

    reason: str
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Dropped:
    """Held, then dropped by the platform; a person may send it again once the template is mended."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Unsure:
    """The answer does not say whether the message was taken."""

    rule: Rule


NextStep = SendAgainAt | GiveUp | Dropped | Unsure


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait before trying again; durations from the settings."""

    first: timedelta
    longest: timedelta
    limit: int
    marketing: Sequence[timedelta]

    @classmethod
    def from_settings(cls, settings: Settings) -> "RetryPolicy":
        """The policy that the settings describe."""
        return cls(
            first=timedelta(seconds=settings.retry_backoff_s),
            longest=timedelta(seconds=settings.retry_backoff_max_s),
            limit=settings.retry_limit,
            marketing=settings.marketing_retry_delays,
        )


# Four to the power of the tries so far, platform.md C.2: 1, 4, 16, 64, 256 seconds.
PAIR_LIMIT_BASE_S = 4
JITTER = 0.1


def next_step(failure: Failure, policy: RetryPolicy, *, now: datetime, rng: random.Random) -> NextStep:
    """Decide what becomes of a message after a failure. Source: platform.md C.2 to C.6."""
    rule = rule_for(failure.code, failure.text, failure.http_status)
    if rule is None:
        return GiveUp(UNKNOWN_CODE, None)
    if rule.action is Action.PAUSE_TEMPLATE and failure.by_webhook:
        return Dropped(rule)
    if rule.action is Action.UNCERTAIN and not failure.by_webhook:
        return Unsure(rule)
    wait = _wait(rule, failure, policy)
    if wait is None:
        return GiveUp(rule.action.value, rule)
    punished = rule.action in PUNISHED or failure.by_webhook
    return SendAgainAt(now + wait * rng.uniform(1.0, 1.0 + JITTER), rule.action.value, rule, punished)


PUNISHED = {Action.RETRY_BACKOFF, Action.RETRY_INCREASING, Action.PAIR_RATE_LIMIT, Action.UNCERTAIN}
"""Actions that cost the message a try. A brake or a pause is nobody's fault."""


def _wait(rule: Rule, failure: Failure, policy: RetryPolicy) -> timedelta | None:
    """How long to wait, or None when there is nothing more to try."""
    tries = failure.retries
    match rule.action:
        case Action.THROTTLE_ALL | Action.PAUSE_NUMBER | Action.PAUSE_TEMPLATE:
            # A report after the fact is a failure of this message; a refusal up front is the sender's trouble.
            return timedelta(0) if not failure.by_webhook else _backoff(tries, policy)
        case Action.RETRY_BACKOFF | Action.UNCERTAIN:
            return _backoff(tries, policy)
        case Action.PAIR_RATE_LIMIT:
            return timedelta(seconds=PAIR_LIMIT_BASE_S**tries) if tries < policy.limit else None
        case Action.RETRY_INCREASING:
            return policy.marketing[tries] if tries < len(policy.marketing) else None
        case _:
            return None


def _backoff(tries: int, policy: RetryPolicy) -> timedelta | None:
    if tries >= policy.limit:
        return None
    return min(policy.first * (1 << tries), policy.longest)
