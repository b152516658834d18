"""Shells: templates, read again from the platform."""

from campaign.refreshing import refresh_templates
from tasks import wiring
from tasks.app import app
from tasks.beside import beside


@app.task(name="templates.refresh")
def refresh(account: str | None = None) -> None:
    """Read the templates that unfinished campaigns depend on, or those of one account. Safe to run twice."""
    sessions = wiring.sessions()
    beside().do(
        ("templates.refresh", account),
        lambda: refresh_templates(sessions, wiring.provider_for, wiring.utc_now, account),
    )
