"""What beat rings, and how often. A ring that nobody heard in time expires: the next one is as good."""

import time
from datetime import UTC, datetime, timedelta

from celery.schedules import schedule

from campaign.settings import Settings


def beat_schedule(settings: Settings) -> dict[str, dict[str, object]]:
    """Each entry of the schedule in Celery's shape, by name."""
    return {
        "sign of life": _every(settings.heartbeat_interval_s, "engine.heartbeat"),
        "dispatch": _every(settings.beat_interval_s, "sending.dispatch"),
        "apply webhooks": _every(settings.beat_interval_s, "webhooks.apply"),
        "upload media": _every(settings.media_interval_s, "sweeps.upload_media"),
        "schedules and windows": _every(settings.beat_interval_s, "schedules.tick"),
        "ask history": _every(settings.history_interval_s, "sweeps.ask_history"),
        "sweep": _every(settings.sweep_interval_s, "sweeps.sweep"),
        "seal consent": _every(settings.seal_interval_s, "sweeps.seal_consent"),
        "answer opt-outs": _every(settings.confirmation_interval_s, "sweeps.confirm_opt_outs"),
        "count for pages": _every(settings.tally_interval_s, "overview.count"),
        "tell subscribers": _every(settings.notice_interval_s, "notices.deliver"),
        "forget": _every(settings.template_refresh_s, "overview.forget"),
        "read templates": _every(settings.template_refresh_s, "templates.refresh"),
        "look at senders": _every(settings.sender_refresh_s, "senders.refresh"),
    }


def steady_now() -> datetime:
    """An instant that only goes on: by the machine's clock, beat would ring nothing for as long as that is put back."""
    return _SOME_DAY + timedelta(seconds=time.monotonic())


_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""Beat only ever asks how long ago something was, so any day will do."""


def _every(seconds: float, task: str) -> dict[str, object]:
    pace = schedule(timedelta(seconds=seconds), nowfun=steady_now)
    return {"task": task, "schedule": pace, "options": {"expires": max(5.0, 3 * seconds)}}
