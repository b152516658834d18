"""Who stands in the audit log, for filtering it."""

from sqlalchemy.orm import Session

from campaign.desk import store


def actors(session: Session) -> list[str]:
    """Everybody who ever did something, by name."""
    return store.actors(session)
