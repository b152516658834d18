"""Shells: counts that pages show, and what access leaves behind."""

import asyncio

from campaign.access.incoming import forget_old as forget_lists
from campaign.access.sign_in import forget_old
from campaign.audience.spool import sweep_spools
from campaign.audience.uploads import sweep_parts
from campaign.overview.tally import count_due
from models.session import session_scope
from tasks import wiring
from tasks.app import app
from tasks.beside import beside


@app.task(name="overview.count")
def count() -> None:
    """Count campaigns whose counts are due; beside, since a large one takes seconds. Safe to run twice."""
    sessions = wiring.sessions()
    beside().do("overview.count", lambda: asyncio.to_thread(count_due, sessions, now=wiring.utc_now()))


@app.task(name="overview.forget")
def forget() -> None:
    """Take away ended sessions, old answers, unused lists, and what killed imports left. Safe to run twice."""
    with wiring.stores_may_be_away("forget"):
        with session_scope(wiring.sessions()) as session:
            forget_old(session, wiring.utc_now())
        forget_lists(wiring.settings(), wiring.utc_now())
        sweep_parts(wiring.settings(), wiring.utc_now())
        sweep_spools(wiring.utc_now())
