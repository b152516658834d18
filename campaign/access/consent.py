"""What a person does to the rules of consent: how long it lasts, which words stop; and the ledger verified."""

from datetime import datetime

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.consent import expiry, seals, words
from models.consent import WordKind
from models.session import Sessions, session_scope

LEDGER = "consent:ledger"
"""The subject under which verifications are written down, so that the last one is found again."""


def set_lifetime(sessions: Sessions, by: Actor, category: str, days: int | None, *, now: datetime) -> None:
    """Let opt-ins of a category count so many days; None is for good.

    raises  Forbidden, UsageError
    """
    subject = f"consent:{category}"
    with audited(sessions, by, Act.CHANGE_CONSENT_RULES, subject) as act, session_scope(act.sessions) as session:
        before = expiry.lifetimes(session).get(category)
        act.before = {"days": before.days if before else None}
        expiry.set_lifetime(session, category, days, recorded_by=by.name, now=now)
        act.after = {"days": days}


def add_word(sessions: Sessions, by: Actor, word: str, *, kind: WordKind, language: str, now: datetime) -> None:
    """Let a word count, from the next reply on.

    raises  Forbidden, UsageError
    """
    subject = f"word:{word[: words.LONGEST_WORD]}"
    with audited(sessions, by, Act.CHANGE_CONSENT_RULES, subject) as act, session_scope(act.sessions) as session:
        words.add_word(session, word, kind=kind, language=language, recorded_by=by.name, now=now)
        act.after = {"kind": kind.value, "counts": True}


def remove_word(sessions: Sessions, by: Actor, word: str, *, kind: WordKind, now: datetime) -> None:
    """Let a word no longer count.

    raises  Forbidden, UsageError, NotFound
    """
    subject = f"word:{word[: words.LONGEST_WORD]}"
    with audited(sessions, by, Act.CHANGE_CONSENT_RULES, subject) as act, session_scope(act.sessions) as session:
        words.remove_word(session, word, kind=kind, recorded_by=by.name, now=now)
        act.after = {"kind": kind.value, "counts": False}


def verify(sessions: Sessions, by: Actor) -> seals.Verification:
    """Hold the whole ledger against its seals, and write down what came out. Reads every event.

    raises  Forbidden
    """
    by.require(Act.VERIFY_CONSENT)
    with sessions() as session:
        found = seals.verify(session)
    with audited(sessions, by, Act.VERIFY_CONSENT, LEDGER) as act:
        act.after = {"intact": found.intact, "faults": found.fault_count, "events": found.events, "head": found.head}
    return found
