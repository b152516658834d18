"""Shells: numbers, looked at again."""

from campaign.refreshing import refresh_senders
from tasks import wiring
from tasks.app import app
from tasks.beside import beside


@app.task(name="senders.refresh")
def refresh(sender_id: int | None = None) -> None:
    """Look at the numbers that unfinished campaigns depend on, or at one. Safe to run twice."""
    sessions, ids = wiring.sessions(), None if sender_id is None else [sender_id]
    beside().do(
        ("senders.refresh", sender_id),
        lambda: refresh_senders(sessions, wiring.provider_for, wiring.utc_now, ids),
    )
