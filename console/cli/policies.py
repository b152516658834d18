"""Options of `campaign create` that say how a campaign behaves while it sends."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from campaign.policies import Policies


class UncertainName(StrEnum):
    """What becomes of messages that may or may not have been sent."""

    WAIT = "wait"
    ASK = "ask"
    RESEND = "resend"


class PriorityName(StrEnum):
    """Whose turn comes more often."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


Uncertain = Annotated[
    UncertainName,
    typer.Option(
        "--uncertain-policy",
        metavar="wait|ask|resend",
        help="A message that may have been sent: wait for proof that it was not, ask a person, or, where a provider "
        "makes proof impossible (On-Premise), resend and risk a second message.",
    ),
]
Priority = Annotated[
    PriorityName | None,
    typer.Option(
        "--priority", metavar="low|normal|high", help="Whose turn comes more often; without it, high but for marketing."
    ),
]
Canary = Annotated[
    int | None, typer.Option("--canary", min=1, metavar="N", help="Write to the first N people, then wait and see.")
]
CanaryWait = Annotated[
    float | None, typer.Option("--canary-wait", min=0, metavar="S", help="How long, seconds; 3600 without it.")
]
CanaryFailed = Annotated[
    str | None, typer.Option("--canary-max-failed", metavar="5%", help="Go on with at most so many failed.")
]
CanaryHeld = Annotated[
    str | None, typer.Option("--canary-max-held", metavar="5%", help="Go on with at most so many held or dropped.")
]
CanaryBlocked = Annotated[
    str | None, typer.Option("--canary-max-blocked", metavar="2%", help="Go on with at most so many who opted out.")
]


@dataclass(frozen=True)
class CanaryWords:
    """The canary's options as they were typed."""

    people: int | None
    wait_s: float | None
    failed: str | None
    held: str | None
    blocked: str | None


def policies(uncertain: UncertainName, priority: PriorityName | None, canary: CanaryWords) -> "Policies":
    """The options as the campaign keeps them.

    raises  UsageError
    """
    from campaign.errors import UsageError
    from campaign.policies import Policies
    from campaign.sending.canary.terms import CanaryTerms, parse_share
    from models.campaign import Priority, UncertainPolicy

    shares = {name: text for name in ("failed", "held", "blocked") if (text := getattr(canary, name)) is not None}
    given = {name: parse_share(f"--canary-max-{name}", text) for name, text in shares.items()}
    if canary.wait_s is not None:
        given["wait_s"] = canary.wait_s
    if given and canary.people is None:
        raise UsageError("--canary-wait and --canary-max-… say nothing without --canary N; add it")
    terms = CanaryTerms(canary.people, **given) if canary.people is not None else None
    return Policies(UncertainPolicy(uncertain), Priority(priority) if priority else None, terms)
