"""What takes longer than a look: done in the background of this process, and found again by whoever comes back.

Each job is on record in the database, so that it is found again after the console was started anew, too: with what
came out, or with a word that it was cut off and what to do.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from nicegui import background_tasks, run, ui
from sqlalchemy.exc import DBAPIError

from campaign.access.roles import Actor
from campaign.desk.jobs import KeptJob, begin_job, end_job, newest_jobs, still_at_it
from campaign.errors import CampaignError
from console.web.parts import ErrorLine, moment, text
from console.web.visit import Visit
from models.session import Sessions

log = structlog.get_logger(__name__)

KEPT = 50
LOOK_AGAIN_S = 0.7
LOOK_AFAR = timedelta(seconds=3)
"""How often a job of another process is looked at."""

AT_IT_EVERY_S = 4.0
"""How often a job says that it goes on; several times within campaign.desk.jobs.CUT_OFF_AFTER."""

SHOWN_FOR = timedelta(days=2)
EARLIER = 5
"""Jobs before the newest that a page tells of."""

Do = Callable[[Sessions, Actor], Any]


@dataclass(slots=True)
class Job:
    """One of them.

    kind    by which a page finds its own, such as `templates:shop`
    title   shown while it goes on
    error   why it failed; empty for a fault that is told in the log
    id      of its record
    """

    kind: str
    title: str
    by: str
    began_at: datetime
    ended_at: datetime | None = None
    result: Any = None
    error: str | None = None
    id: int = 0


_jobs: deque[Job] = deque(maxlen=KEPT)


def newest(kind: str) -> Job | None:
    """The newest job of a kind that was started since this process began."""
    return next((job for job in reversed(_jobs) if job.kind == kind), None)


async def start(visit: Visit, kind: str, title: str, do: Do, *, errors: ErrorLine | None = None) -> Job | None:
    """Begin a job as who is looking, unless one of its kind goes on; None when they may not look any more."""
    running = newest(kind)
    if running is not None and running.ended_at is None:
        return running
    now = visit.now()
    begun = await visit.act(
        lambda sessions, actor: (actor, *begin_job(sessions, kind, title, actor.person, now=now)), errors=errors
    )
    if begun is None:
        return None
    actor, kept, is_new = begun
    # While this one was put on record, somebody else may have begun the same.
    job = newest(kind)
    if job is not None and job.id == kept.id:
        return job
    job = Job(kind, kept.title, kept.by, kept.began_at, id=kept.id)
    if is_new:
        _jobs.append(job)
        background_tasks.create(_work(visit, job, actor, do), name=kind)
    return job


async def look_again(visit: Visit, job: Job) -> Job:
    """A job as it is by now; one of another process is looked up."""
    if job.ended_at is not None or newest(job.kind) is job:
        return job
    found = await visit.read(newest_jobs, job.kind, now=visit.now(), limit=1)
    return _told(found[0], visit) if found else job


async def _work(visit: Visit, job: Job, actor: Actor, do: Do) -> None:
    at_it = asyncio.get_running_loop().create_task(_say_at_it(visit, job))
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
        at_it.cancel()
        with suppress(asyncio.CancelledError):
            await at_it
    now = visit.now()
    try:
        await run.io_bound(end_job, visit.door.sessions, job.id, now=now, result=job.result, error=job.error)
    except DBAPIError as error:
        log.warning("end of a job not kept", job=job.kind, error=type(error).__name__)
    finally:
        job.ended_at = now


async def _say_at_it(visit: Visit, job: Job) -> None:
    while True:
        await asyncio.sleep(AT_IT_EVERY_S)
        try:
            await run.io_bound(still_at_it, visit.door.sessions, job.id, now=visit.now())
        except DBAPIError as error:
            log.warning("a job could not say that it goes on", job=job.kind, error=type(error).__name__)


def _told(kept: KeptJob, visit: Visit) -> Job:
    """A job on record as one that is shown: what was cut off has ended, and says what to do."""
    ended, error = kept.ended_at, kept.error
    if kept.cut_off:
        ended, error = kept.began_at, visit.words("jobs.cut_off", title=kept.title, by=kept.by)
    return Job(kept.kind, kept.title, kept.by, kept.began_at, ended, kept.result, error, kept.id)


class JobPlace:
    """Where a page shows the newest job of a kind: under way, done, failed or cut off; kept up to date."""

    def __init__(
        self,
        visit: Visit,
        kind: str,
        show: Callable[[Any], None],
        done: Callable[[], Awaitable[None] | None] | None = None,
    ) -> None:
        self._visit, self._kind, self._show, self._done = visit, kind, show, done
        self._shown: tuple[int, bool] | None = None
        self._since = visit.now()
        self._afar_at: datetime | None = self._since
        self._place = ui.element("div").props('aria-live="polite"')
        self._earlier = ui.element("div")
        self._see(newest(kind))
        self._aside = ui.element("div")
        visit.later.do(self._begin)

    def _begin(self) -> None:
        with self._aside:
            ui.timer(LOOK_AGAIN_S, self._look)

    async def _look(self) -> None:
        afar = await self._afar()
        job = self._see(newest(self._kind) or afar)
        # What had ended before somebody came to look has been seen to already.
        news = job is not None and job.ended_at is not None and job.error is None and job.ended_at >= self._since
        if news and self._done is not None:
            result = self._done()
            if result is not None:
                await result

    async def _afar(self) -> Job | None:
        """The newest job on record, which another process does or did; looked up at once, then while it goes on."""
        now = self._visit.now()
        if self._afar_at is None or now < self._afar_at:
            return None
        found = await self._visit.read(newest_jobs, self._kind, now=now, limit=1 + EARLIER)
        self._draw_earlier(found[1:])
        goes_on = bool(found) and found[0].ended_at is None and not found[0].cut_off
        self._afar_at = now + LOOK_AFAR if goes_on else None
        if not found or now - found[0].began_at > SHOWN_FOR:
            return None
        return _told(found[0], self._visit)

    def _see(self, job: Job | None) -> Job | None:
        """Draw the job if it is another one, or has ended since; what was drawn."""
        seen = None if job is None else (job.id, job.ended_at is not None)
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
            ErrorLine().show(words.said(job.error))
        else:
            with ui.element("div").classes("note"):
                if job.result is None:
                    text(words("jobs.done", title=job.title), "p")
                else:
                    self._show(job.result)
                with ui.element("p").classes("hint"):
                    moment(job.ended_at, words)

    def _draw_earlier(self, jobs: Sequence[KeptJob]) -> None:
        self._earlier.clear()
        if not jobs:
            return
        words = self._visit.words
        with self._earlier, ui.element("details").classes("earlier"):
            text(words("jobs.earlier"), "summary")
            with ui.element("ul"):
                for job in jobs:
                    with ui.element("li"):
                        moment(job.began_at, words)
                        text(f" · {job.by} · {words(f'jobs.was_{_fate(job)}')}", "span")


def _fate(job: KeptJob) -> str:
    """What became of a job on record, as a word."""
    if job.cut_off:
        return "cut_off"
    if job.ended_at is None:
        return "under_way"
    return "failed" if job.error is not None else "done"
