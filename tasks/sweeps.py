"""Shells: the sweeps, each of which finds what time alone has changed."""

from datetime import timedelta

from campaign import reconciliation
from campaign.media.upload import upload_due
from campaign.sender_changes import sweep_restrictions
from campaign.sending.failures import stop_failing
from campaign.sending.holds import follow_verdicts
from campaign.webhooks.second_hearing import hear_unmatched_again
from models.session import session_scope
from tasks import wiring
from tasks.app import app


@app.task(name="sweeps.sweep")
def sweep() -> None:
    """Run every sweep. Safe to run twice: one sweeps at a time, and what was moved is found no more."""
    with wiring.stores_may_be_away("sweep"):
        sessions, settings, now = wiring.sessions(), wiring.settings(), wiring.utc_now()
        hear_unmatched_again(sessions, settings, now=now)
        reconciliation.sweep_leases(sessions, now=now)
        reconciliation.sweep_uncertain(sessions, settings, now=now)
        reconciliation.sweep_expired(sessions, now=now)
        reconciliation.sweep_deadlines(sessions, now=now)
        with session_scope(sessions) as session:
            follow_verdicts(session, timedelta(seconds=settings.hold_guard_s), now)
            stop_failing(session, now, timedelta(seconds=settings.failure_window_s))
        sweep_restrictions(sessions, now=now)
        reconciliation.sweep_campaigns(sessions, now=now)


@app.task(name="sweeps.upload_media")
def upload_media() -> None:
    """Upload the files that campaigns wait for, and renew what is about to expire. Safe to run twice."""
    with wiring.stores_may_be_away("upload_media"):
        wiring.run(upload_due(wiring.sessions(), wiring.media_door_for, wiring.utc_now()))
