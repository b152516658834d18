"""Shells: the sweeps, each of which finds what time alone has changed."""

from datetime import timedelta

from campaign import reconciliation
from campaign.sending.holds import follow_verdicts
from models.session import session_scope
from tasks import wiring
from tasks.app import app


@app.task(name="sweeps.sweep")
def sweep() -> None:
    """Run every sweep. Safe to run twice: one sweeps at a time, and what was moved is found no more."""
    with wiring.stores_may_be_away("sweep"):
        sessions, settings, now = wiring.sessions(), wiring.settings(), wiring.utc_now()
        reconciliation.sweep_leases(sessions, now=now)
        reconciliation.sweep_uncertain(sessions, settings, now=now)
        reconciliation.sweep_expired(sessions, now=now)
        reconciliation.sweep_deadlines(sessions, now=now)
        with session_scope(sessions) as session:
            follow_verdicts(session, timedelta(seconds=settings.hold_guard_s), now)
        reconciliation.sweep_campaigns(sessions, now=now)
