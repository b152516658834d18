"""What beat rings, and how often. A ring that nobody heard in time expires: the next one is as good."""

from campaign.settings import Settings


def beat_schedule(settings: Settings) -> dict[str, dict[str, object]]:
    """Each entry of the schedule in Celery's shape, by name."""
    return {
        "dispatch": _every(settings.beat_interval_s, "sending.dispatch"),
        "apply webhooks": _every(settings.beat_interval_s, "webhooks.apply"),
        "upload media": _every(settings.media_interval_s, "sweeps.upload_media"),
        "sweep": _every(settings.sweep_interval_s, "sweeps.sweep"),
        "read templates": _every(settings.template_refresh_s, "templates.refresh"),
        "look at senders": _every(settings.sender_refresh_s, "senders.refresh"),
    }


def _every(seconds: float, task: str) -> dict[str, object]:
    return {"task": task, "schedule": seconds, "options": {"expires": max(5.0, 3 * seconds)}}
