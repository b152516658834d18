"""What takes longer than a look goes on without whoever began it, and is found again."""

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from campaign.access.roles import Actor
from campaign.errors import PlatformError
from console.web import jobs
from models.access import Role
from tests.factories import NOON

ANA = Actor("user:ana", Role.ADMIN)


@dataclass
class Looking:
    """A visit as far as jobs need one."""

    actor: Actor | None = ANA

    @property
    def door(self):
        return SimpleNamespace(sessions="sessions")

    def now(self):
        return NOON

    def words(self, key, **values):
        return key

    async def act(self, do, *, errors=None):
        return None if self.actor is None else do("sessions", self.actor)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    async def at_once(do, *arguments):
        return do(*arguments)

    tasks = []
    monkeypatch.setattr(jobs, "_jobs", type(jobs._jobs)(maxlen=jobs.KEPT))
    monkeypatch.setattr(jobs.run, "io_bound", at_once)
    monkeypatch.setattr(
        jobs.background_tasks, "create", lambda work, name: tasks.append(asyncio.get_running_loop().create_task(work))
    )


def done(kind, do, visit=None):
    async def whole():
        job = await jobs.start(visit or Looking(), kind, "Reading.", do)
        for _ in range(3):
            await asyncio.sleep(0)
        return job

    return asyncio.run(whole())


def test_a_job_is_found_again_with_what_came_out():
    job = done("verify", lambda sessions, by: f"{sessions} {by.person}")
    assert jobs.newest("verify") is job
    assert (job.result, job.error, job.ended_at, job.by) == ("sessions ana", None, NOON, "ana")


def test_a_refusal_is_told_in_its_own_words_and_a_fault_is_not():
    def refuse(sessions, by):
        raise PlatformError("the platform did not answer; try again")

    def break_down(sessions, by):
        raise ZeroDivisionError("secret inside")

    assert done("sync", refuse).error == "the platform did not answer; try again"
    assert done("sync", break_down).error == "jobs.fault"


def test_the_same_is_not_begun_twice_at_once():
    async def twice():
        visit = Looking()
        first = await jobs.start(visit, "sync", "Reading.", lambda sessions, by: None)
        return first, await jobs.start(visit, "sync", "Reading.", lambda sessions, by: None)

    first, second = asyncio.run(twice())
    assert first is second


def test_who_has_no_session_any_more_begins_nothing():
    assert done("sync", lambda sessions, by: None, Looking(None)) is None
    assert jobs.newest("sync") is None


def test_only_the_newest_are_kept():
    for number in range(jobs.KEPT + 5):
        done(f"job {number}", lambda sessions, by: None)
    assert (jobs.newest("job 0"), len(jobs._jobs)) == (None, jobs.KEPT)
