"""Shells: what subscribers are told."""

import os

from campaign.notices.delivery import Post, deliver_due
from tasks import wiring
from tasks.app import app
from tasks.beside import beside


@app.task(name="notices.deliver")
def deliver() -> None:
    """Deliver the notices that are due; beside, since subscribers may be slow. Safe to run twice."""
    sessions, post = wiring.sessions(), Post(wiring.settings(), os.environ, wiring.utc_now)
    beside().do("notices.deliver", lambda: deliver_due(sessions, post))
