"""Who is killed, and when: processes by kind, in an order and at moments that a seed decides."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from campaign.settings import PREFIX
from tests.chaos.engine_room import EngineRoom

SEED_VARIABLE = "CHAOS_SEED"
SEED = int(os.environ.get(SEED_VARIABLE, "0")) or random.SystemRandom().randrange(1, 1_000_000)
AGAIN = f"; again with {SEED_VARIABLE}={SEED}"
assert not SEED_VARIABLE.startswith(PREFIX)  # or no test would see it

LONGEST_WAIT_S = 2.0
"""How long a kill waits for something to be under way: some have to hit what stands still, too."""

LONGEST_REVIVAL_S = 30.0
"""A part that is not back after so long will not be."""

Victims = Callable[[], Sequence[int]]


class Kind(NamedTuple):
    """A kind of process: who they are, how they are killed, and how many of 200 kills hit them.

    beat and the receiver are processes without children; workers are a parent and a prefork child.
    """

    victims: Victims
    sign: signal.Signals
    of_200: int


def kinds(room: EngineRoom) -> dict[str, Kind]:
    """Every kind of process that an engine has."""
    kill, at_once = signal.SIGKILL, signal.SIGQUIT
    workers = ("worker-1", "worker-2")
    return {
        "worker, parent": Kind(_parts(room, *workers), kill, 36),
        "worker, prefork child": Kind(_children(room, *workers), kill, 66),
        "housekeeper, parent": Kind(_parts(room, "housekeeper"), kill, 12),
        "housekeeper, child": Kind(_children(room, "housekeeper"), kill, 24),
        "beat": Kind(_parts(room, "beat"), kill, 20),
        "receiver": Kind(_parts(room, "receiver"), kill, 26),
        "Redis": Kind(_servers(room.home, "valkey-server"), kill, 8),
        "Postgres, kill -9": Kind(_servers(room.home, "postgres"), kill, 4),
        # What `pg_ctl restart -m immediate` sends: no checkpoint, every session cut.
        "Postgres, immediate": Kind(_servers(room.home, "postgres"), at_once, 4),
    }


class Killer:
    """Kills a process now and then. Call it often; it strikes when it is time.

    busy  whether something is under way; a kill waits a little for that, since in between it would break nothing
    """

    def __init__(
        self, kinds: Mapping[str, Kind], kills: int, every_s: float, busy: Callable[[], bool] = lambda: True
    ) -> None:
        self._rng = random.Random(SEED)
        self._busy = busy
        self._kinds = kinds
        self._every_s = every_s
        self._plan = self._planned(kills)
        self._next_at = time.monotonic() + every_s
        self.kills: Counter[str] = Counter()

    @property
    def done(self) -> bool:
        """Whether the plan is carried out."""
        return not self._plan

    def __call__(self) -> None:
        """Kill, if it is time. Whoever is just being started again is killed a moment later."""
        overdue_s = time.monotonic() - self._next_at
        if not self._plan or overdue_s < 0 or (overdue_s < LONGEST_WAIT_S and not self._busy()):
            return
        victims = self._kinds[self._plan[-1]].victims()
        if not victims:
            waited_s = time.monotonic() - self._next_at
            assert waited_s < LONGEST_REVIVAL_S, f"no {self._plan[-1]} for {waited_s:.0f} s{AGAIN}"
            return
        with suppress(ProcessLookupError):
            os.kill(self._rng.choice(victims), self._kinds[self._plan[-1]].sign)
            self.kills[self._plan.pop()] += 1
        self._next_at = time.monotonic() + self._every_s * self._rng.uniform(0.2, 1.8)

    def _planned(self, kills: int) -> list[str]:
        """Each kind at least once, the others by their share, in random order."""
        names = list(self._kinds)[:kills]
        weights = [self._kinds[name].of_200 for name in names]
        plan = names + self._rng.choices(names, weights, k=kills - len(names))
        self._rng.shuffle(plan)
        return plan


def strike(room: EngineRoom, kind: str) -> bool:
    """Kill one process of a kind now; whether there was one."""
    chosen = kinds(room)[kind]
    for victim in chosen.victims()[:1]:
        with suppress(ProcessLookupError):
            os.kill(victim, chosen.sign)
            return True
    return False


def _parts(room: EngineRoom, *names: str) -> Victims:
    def victims() -> list[int]:
        return [pid for name, pid in room.engine.supervisor.pids().items() if name in names]

    return victims


def _children(room: EngineRoom, *names: str) -> Victims:
    return lambda: children_of(_parts(room, *names)())


def _servers(home: Path, program: str) -> Victims:
    """The main process of an embedded store of a home; its keeper starts it again."""

    def victims() -> list[int]:
        found = []
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = command.read_bytes().decode(errors="replace").split("\0")
                # Valkey writes its address into its first word; a session of Postgres shows what it is at.
                main = program in words[0] and (program != "postgres" or "-D" in words)
                if main and any(str(home) in word for word in words):
                    found.append(int(command.parent.name))
        return found

    return victims


def children_of(pids: Sequence[int]) -> list[int]:
    """The processes that others have started, read from /proc."""
    parents = {str(pid) for pid in pids}
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] in parents:
                found.append(int(stat.parent.name))
    return found
