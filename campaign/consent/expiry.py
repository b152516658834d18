"""How long an opt-in lasts, by category. The rule stands in the database, where the gate asks for it in SQL."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.consent import rule_store as store
from campaign.errors import UsageError
from models.people import Category

MOST_DAYS = 36_500


def lifetimes(session: Session) -> dict[str, timedelta]:
    """Category to how long an opt-in for it counts; a category that is not named lasts for good."""
    return {category: timedelta(days=days) for category, days in store.lifetimes_in_days(session).items()}


def set_lifetime(session: Session, category: str, days: int | None, *, recorded_by: str, now: datetime) -> None:
    """Let opt-ins for a category count so many days from when they were given; None is for good.

    raises  UsageError for a category that no message has, or a number of days that is none
    """
    if category not in set(Category) - {Category.ALL}:
        raise UsageError(f"category {category!r} is no category of messages; use marketing, utility or authentication")
    if days is None:
        store.drop_lifetime(session, category)
        return
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"{days} is no number of days; give 1 to {MOST_DAYS}, or --never")
    store.put_lifetime(session, category, days=days, recorded_by=recorded_by, recorded_at=now)
