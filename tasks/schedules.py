"""Shells: start the runs of schedules, keep campaigns within their windows."""

import os
from datetime import timedelta

from campaign.schedules import running
from campaign.scheduling.placing import follow_windows
from tasks import wiring
from tasks.app import QueueNames, app


@app.task(name="schedules.tick")
def tick() -> None:
    """Find the runs that are due and ring each; follow the windows. Safe to run twice: each run is noted once."""
    with wiring.stores_may_be_away("schedules.tick"):
        sessions, settings, now = wiring.sessions(), wiring.settings(), wiring.utc_now()
        follow_windows(sessions, now=now, leaves_within=timedelta(seconds=settings.leaves_within_s))
        for run_id in running.tick(sessions, now=now, late_start=timedelta(seconds=settings.late_start_s)):
            run.apply_async((run_id,), expires=settings.lane_ttl_s, queue=QueueNames.IMPORTS)


@app.task(name="imports.run")
def run(run_id: int) -> None:
    """Read the audience of one run anew and launch its campaign. Safe to run twice: the run is held under a lease."""
    with wiring.stores_may_be_away("imports.run"):
        running.run(wiring.sessions(), run_id, clock=wiring.utc_now, settings=wiring.settings(), environment=os.environ)
