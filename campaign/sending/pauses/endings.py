"""What ends each pause, in words: by itself, or by a person. Shown with the reason, and in docs/sending.md."""

from collections.abc import Mapping

from models.states import PauseReason

P = PauseReason

ENDINGS: Mapping[PauseReason, str] = {
    P.OPERATOR: "Goes on with campaign resume.",
    P.TEMPLATE_PAUSED: "Goes on by itself when the template is APPROVED again; campaign move sends another one.",
    P.TEMPLATE_DISABLED: "Goes on by itself should the template be APPROVED again; campaign move sends another one.",
    P.HELD_FOR_QUALITY: "Goes on by itself when WhatsApp lets the held messages go, or after the guard time.",
    P.SENDER_RESTRICTED: "Goes on by itself when the platform, asked again, says that the number may send "
    "(campaign senders refresh asks now); where the provider cannot be asked, with campaign resume.",
    P.TIER_EXHAUSTED: "Goes on by itself when people who were written to a day ago no longer count.",
    P.OUTSIDE_WINDOW: "Goes on by itself when the sending window opens.",
    P.PAYMENT: "A person must settle the payment, then campaign resume.",
    P.CREDENTIALS: "A person must mend the access, then campaign resume.",
    P.TOO_MANY_FAILURES: "A person must find the cause, then campaign resume.",
    P.LATE_START: "A person decides: campaign resume starts it now, campaign cancel ends it.",
    P.TEMPLATE_CHANGED: "A person must create the campaign again; campaign cancel ends this one.",
    P.CANARY: "Goes on by itself when the wait is over and the shares are within their bounds; campaign resume goes on "
    "without them.",
}


def with_ending(reason: PauseReason, sentence: str) -> str:
    """A reason in words, and what ends the pause."""
    return f"{sentence.strip()} {ENDINGS[reason]}"
