"""What takes longer than a look goes on without whoever began it, and is found again."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest

from campaign.access.roles import Actor
from campaign.desk.jobs import CUT_OFF_AFTER, begin_job, end_job, newest_job
from campaign.errors import PlatformError
from campaign.templates.sync import SyncResult
from console.web import jobs
from models.access import Role
from tests.factories import NOON

ANA = Actor("user:ana", Role.ADMIN)


@dataclass
class Looking:
    """A visit as far as jobs need one."""

    sessions: object
    actor: Actor | None = ANA

    @property
    def door(self):
        return SimpleNamespace(sessions=self.sessions)

    def now(self):
        return NOON

    def words(self, key, **values):
        return key

    async def act(self, do, *, errors=None):
        return None if self.actor is None else do(self.sessions, self.actor)

    async def read(self, look, *arguments, **more):
        with self.sessions() as session:
            return look(session, *arguments, **more)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    async def at_once(do, *arguments, **more):
        return do(*arguments, **more)

    tasks = []
    monkeypatch.setattr(jobs, "_jobs", type(jobs._jobs)(maxlen=jobs.KEPT))
    monkeypatch.setattr(jobs.run, "io_bound", at_once)
    monkeypatch.setattr(
        jobs.background_tasks, "create", lambda work, name: tasks.append(asyncio.get_running_loop().create_task(work))
    )


def done(visit, kind, do):
    async def whole():
        job = await jobs.start(visit, kind, "Reading.", do)
        while job is not None and job.ended_at is None:
            await asyncio.sleep(0)
        return job

    return asyncio.run(whole())


@pytest.fixture
def visit(sessions):
    return Looking(sessions)


def test_a_job_is_found_again_with_what_came_out(visit):
    job = done(visit, "verify", lambda sessions, by: by.person)
    assert jobs.newest("verify") is job
    assert (job.result, job.error, job.ended_at, job.by) == ("ana", None, NOON, "ana")


def test_a_refusal_is_told_in_its_own_words_and_a_fault_is_not(visit):
    def refuse(sessions, by):
        raise PlatformError("the platform did not answer; try again")

    def break_down(sessions, by):
        raise ZeroDivisionError("secret inside")

    assert done(visit, "sync", refuse).error == "the platform did not answer; try again"
    assert done(visit, "sync", break_down).error == "jobs.fault"


def test_the_same_is_not_begun_twice_at_once(visit):
    async def twice():
        first = await jobs.start(visit, "sync", "Reading.", lambda sessions, by: None)
        return first, await jobs.start(visit, "sync", "Reading.", lambda sessions, by: None)

    first, second = asyncio.run(twice())
    assert first is second


def test_who_has_no_session_any_more_begins_nothing(sessions):
    assert done(Looking(sessions, None), "sync", lambda sessions, by: None) is None
    assert jobs.newest("sync") is None


def test_only_the_newest_are_kept_in_the_process(visit, monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", type(jobs._jobs)(maxlen=3))
    for number in range(4):
        done(visit, f"job {number}", lambda sessions, by: None)
    assert (jobs.newest("job 0"), len(jobs._jobs)) == (None, 3)


def test_what_ended_before_a_restart_is_found_again(visit, monkeypatch):
    done(visit, "sync", lambda sessions, by: SyncResult(4, 3, 2, 1))
    monkeypatch.setattr(jobs, "_jobs", type(jobs._jobs)())
    with visit.sessions() as session:
        kept = newest_job(session, "sync", now=NOON)
    assert (kept.result, kept.by) == (SyncResult(4, 3, 2, 1), "ana")


def test_what_a_restart_cut_off_says_so_and_may_be_begun_anew(visit, monkeypatch):
    job, _ = begin_job(visit.sessions, "sync", "Reading.", "ana", now=NOON)
    cut_off = jobs.Job("sync", job.title, job.by, job.began_at, id=job.id)
    monkeypatch.setattr(Looking, "now", lambda self: NOON + CUT_OFF_AFTER + timedelta(seconds=1))
    told = asyncio.run(jobs.look_again(visit, cut_off))
    assert (told.error, told.ended_at is not None) == ("jobs.cut_off", True)
    assert done(visit, "sync", lambda sessions, by: None).error is None


def test_what_goes_on_in_another_process_is_followed_and_not_begun_here(visit):
    elsewhere, _ = begin_job(visit.sessions, "sync", "Reading.", "bea", now=NOON)

    async def follow():
        job = await jobs.start(visit, "sync", "Reading.", lambda sessions, by: None)
        before = (await jobs.look_again(visit, job)).ended_at
        end_job(visit.sessions, elsewhere.id, now=NOON)
        return job.by, before, (await jobs.look_again(visit, job)).ended_at

    assert asyncio.run(follow()) == ("bea", None, NOON)
    assert jobs.newest("sync") is None
