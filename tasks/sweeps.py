"""Shells: the sweeps, each of which finds what time alone has changed."""

from datetime import timedelta

from campaign import reconciliation
from campaign.confirmations import confirm_opt_outs
from campaign.consent.watch import seal_and_watch
from campaign.heartbeat import note_beat
from campaign.lifecycle import resume_cleared
from campaign.media.upload import upload_due
from campaign.reconciliation.history import ask_about_overdue
from campaign.sender_changes import sweep_restrictions
from campaign.sending.canary.watch import follow_canaries
from campaign.sending.failures import stop_failing
from campaign.sending.holds import follow_verdicts
from campaign.sequences.sweep import sweep_sequences
from campaign.variants.watch import follow_winners
from campaign.webhooks.days import keep_days
from campaign.webhooks.second_hearing import hear_unmatched_again
from models.session import session_scope
from tasks import wiring
from tasks.app import app
from tasks.beside import beside


@app.task(name="sweeps.sweep")
def sweep() -> None:
    """Run every sweep. Safe to run twice: one sweeps at a time, and what was moved is found no more."""
    with wiring.stores_may_be_away("sweep"):
        sessions, settings, now = wiring.sessions(), wiring.settings(), wiring.utc_now()
        keep_days(sessions, settings, now=now)
        hear_unmatched_again(sessions, settings, now=now)
        reconciliation.sweep_leases(sessions, now=now)
        reconciliation.sweep_uncertain(sessions, settings, now=now)
        reconciliation.sweep_expired(sessions, now=now)
        reconciliation.sweep_deadlines(sessions, now=now)
        with session_scope(sessions) as session:
            follow_verdicts(session, timedelta(seconds=settings.hold_guard_s), now)
            follow_winners(session, now)
            follow_canaries(session, now)
            resume_cleared(session)
            stop_failing(session, settings, now)
        reconciliation.sweep_holds(sessions, settings, now=now)
        sweep_restrictions(sessions, now=now)
        sweep_sequences(sessions, now=now)
        reconciliation.sweep_campaigns(sessions, now=now)


@app.task(name="engine.heartbeat")
def heartbeat() -> None:
    """Note that beat rings, and that somebody hears it. Safe to run twice: the later instant stands."""
    with wiring.stores_may_be_away("heartbeat"):
        note_beat(wiring.sessions(), wiring.utc_now())


@app.task(name="sweeps.upload_media")
def upload_media() -> None:
    """Upload the files that campaigns wait for, and renew what is about to expire. Safe to run twice."""
    with wiring.stores_may_be_away("upload_media"):
        wiring.run(upload_due(wiring.sessions(), wiring.media_door_for, wiring.utc_now()))


@app.task(name="sweeps.seal_consent")
def seal_consent() -> None:
    """Seal new consent events and watch the old ones; beside, since a great import takes long. Safe to run twice."""
    sessions, settings = wiring.sessions(), wiring.settings()
    beside().do("sweeps.seal_consent", lambda: seal_and_watch(sessions, settings, wiring.utc_now))


@app.task(name="sweeps.confirm_opt_outs")
def answer_opt_outs() -> None:
    """Answer opt-outs where the settings say so. Safe to run twice: an answer is claimed before it leaves."""
    sessions, words = wiring.sessions(), wiring.settings().opt_out_confirmation
    if words is not None:
        beside().do(
            "sweeps.confirm_opt_outs",
            lambda: confirm_opt_outs(sessions, wiring.conversation, words, clock=wiring.utc_now),
        )


@app.task(name="sweeps.ask_history")
def ask_history() -> None:
    """Ask Meta about messages whose webhooks are overdue. Safe to run twice: the budget of an hour is shared."""
    with wiring.stores_may_be_away("ask_history"):
        wiring.run(ask_about_overdue(wiring.sessions(), wiring.settings(), wiring.history_of, now=wiring.utc_now()))
