"""What takes longer than a look: done in the background of this process, and found again by whoever comes back."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from nicegui import background_tasks, run, ui
from sqlalchemy.exc import DBAPIError

from campaign.access.roles import Actor
from campaign.errors import CampaignError
from console.web.parts import ErrorLine, moment, text
from console.web.visit import Visit
from models.session import Sessions

log = structlog.get_logger(__name__)

KEPT = 50
LOOK_AGAIN_S = 0.7

Do = Callable[[Sessions, Actor], Any]


@dataclass(slots=True)
class Job:
    """One of them.

    kind    by which a page finds its own, such as `templates:shop`
    title   shown while it goes on
    error   why it failed; empty for a fault that is told in the log
    """

    kind: str
    title: str
    by: str
    began_at: datetime
    ended_at: datetime | None = None
    result: Any = None
    error: str | None = None


_jobs: deque[Job] = deque(maxlen=KEPT)


def newest(kind: str) -> Job | None:
    """The newest job of a kind that was started since this process began."""
    return next((job for job in reversed(_jobs) if job.kind == kind), None)


async def start(visit: Visit, kind: str, title: str, do: Do, *, errors: ErrorLine | None = None) -> Job | None:
    """Begin a job as who is looking, unless one of its kind goes on; None when they may not look any more."""
    running = newest(kind)
    if running is not None and running.ended_at is None:
        return running
    actor = await visit.act(lambda sessions, actor: actor, errors=errors)
    if actor is None:
        return None
    job = Job(kind, title, actor.person, visit.now())
    _jobs.append(job)
    background_tasks.create(_work(visit, job, actor, do), name=kind)
    return job


async def _work(visit: Visit, job: Job, actor: Actor, do: Do) -> None:
    try:
        job.result = await run.io_bound(do, visit.door.sessions, actor)
    except CampaignError as error:
        job.error = str(error)
    except DBAPIError as error:
        log.warning("job failed", job=job.kind, error=type(error).__name__)
        job.error = visit.words("error.database")
    except Exception:
        log.exception("job failed", job=job.kind)
        job.error = visit.words("jobs.fault")
    finally:
        job.ended_at = visit.now()


class JobPlace:
    """Where a page shows the newest job of a kind: under way, done or failed; kept up to date."""

    def __init__(
        self,
        visit: Visit,
        kind: str,
        show: Callable[[Any], None],
        done: Callable[[], Awaitable[None] | None] | None = None,
    ) -> None:
        self._visit, self._kind, self._show, self._done = visit, kind, show, done
        self._shown: tuple[int, bool] | None = None
        self._place = ui.element("div").props('aria-live="polite"')
        self._see()
        ui.timer(LOOK_AGAIN_S, self._look)

    async def _look(self) -> None:
        job = self._see()
        if job is not None and job.ended_at is not None and job.error is None and self._done is not None:
            result = self._done()
            if result is not None:
                await result

    def _see(self) -> Job | None:
        """Draw the job if it is another one, or has ended since; what was drawn."""
        job = newest(self._kind)
        seen = None if job is None else (id(job), job.ended_at is not None)
        if job is None or seen == self._shown:
            return None
        self._shown = seen
        self._place.clear()
        with self._place:
            self._draw(job)
        return job

    def _draw(self, job: Job) -> None:
        words = self._visit.words
        if job.ended_at is None:
            text(words("jobs.under_way", title=job.title, by=job.by), "p", "note")
            ui.element("progress").classes("wide").props(f'aria-label="{words("jobs.progress")}"')
        elif job.error is not None:
            ErrorLine().show(job.error)
        else:
            with ui.element("div").classes("note"):
                self._show(job.result)
                with ui.element("p").classes("hint"):
                    moment(job.ended_at, words)
