"""What a person or a key does about people: permission checked, done, and written down."""

from collections.abc import Sequence
from datetime import datetime

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.consent import ledger, suppressions
from models.people import Category
from models.session import Sessions, session_scope


def grant(
    sessions: Sessions, by: Actor, phones: Sequence[str], *, category: Category, source: str, proof: str | None = None,
    region: str | None = None, now: datetime,
) -> ledger.ConsentImport:  # fmt: skip
    """Record that people agreed.

    raises  Forbidden, UsageError
    """
    with audited(sessions, by, Act.GRANT_CONSENT, subject_of(phones)) as act, session_scope(act.sessions) as session:
        result = ledger.grant(
            session, phones, category=category, source_text=source, proof=proof, region=region, now=now,
            recorded_by=by.name,
        )  # fmt: skip
        act.after = {"category": category.value, "source": source, "recorded": result.recorded}
        return result


def withdraw(
    sessions: Sessions, by: Actor, phones: Sequence[str], *, category: Category, source: str, proof: str | None = None,
    region: str | None = None, now: datetime,
) -> ledger.ConsentImport:  # fmt: skip
    """Record that people withdrew; it counts for every message that has not left yet.

    raises  Forbidden, UsageError
    """
    with audited(sessions, by, Act.WITHDRAW_CONSENT, subject_of(phones)) as act, session_scope(act.sessions) as session:
        result = ledger.withdraw(
            session, phones, category=category, source_text=source, proof=proof, region=region, now=now,
            recorded_by=by.name,
        )  # fmt: skip
        act.after = {"category": category.value, "source": source, "recorded": result.recorded}
        return result


def suppress(
    sessions: Sessions, by: Actor, phones: Sequence[str], *, category: Category, source: str,
    until: datetime | None = None, region: str | None = None, now: datetime,
) -> int:  # fmt: skip
    """Forbid writing to phones; how many.

    raises  Forbidden, UsageError
    """
    with audited(sessions, by, Act.SUPPRESS, subject_of(phones)) as act, session_scope(act.sessions) as session:
        count = suppressions.suppress(
            session, phones, category=category, until=until, source_text=source, region=region,
            recorded_by=by.name,
        )  # fmt: skip
        act.after = {"category": category.value, "source": source, "until": until and until.isoformat()}
        return count


def lift(
    sessions: Sessions, by: Actor, phones: Sequence[str], *, category: str | None, region: str | None = None,
    now: datetime,
) -> int:  # fmt: skip
    """Lift bans; how many.

    raises  Forbidden, UsageError
    """
    with audited(sessions, by, Act.UNSUPPRESS, subject_of(phones)) as act, session_scope(act.sessions) as session:
        of = Category(category) if category else None
        count = suppressions.lift(session, phones, category=of, region=region, recorded_by=by.name)
        act.after = {"lifted": count}
        return count


def subject_of(phones: Sequence[str]) -> str:
    """Whom it is about, masked but for the last digits: the log of acts is no list of people."""
    if len(phones) > 1:
        return f"people:{len(phones)}"
    return f"person:…{''.join(c for c in phones[0] if c.isdigit())[-3:]}"
