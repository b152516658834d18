"""Numbers that follow one another without a gap: people's phones do not, a list that was made up or scraped does."""

from array import array
from typing import Any, NamedTuple

LEAST = 20
"""Consecutive numbers that chance does not explain."""
_SHOWN = 3


class Run(NamedTuple):
    """`length` numbers from `first` on, each one more than the one before."""

    first: int
    length: int


class RunWatch:
    """Remembers the numbers of a list, eight bytes each, and finds the runs among them at its end."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def add(self, numbers: Any) -> None:
        """More numbers, with country code: an array of integers of eight bytes."""
        self._numbers.frombytes(memoryview(numbers).cast("B"))

    def warnings(self) -> list[str]:
        """A sentence when there are runs; the ends of the numbers are left out, for they belong to people."""
        runs = find_runs(self._numbers)
        if not runs:
            return []
        total = sum(run.length for run in runs)
        where = ", ".join(f"{run.length:,} from +{_start(run)}" for run in runs[:_SHOWN])
        more = f" and {len(runs) - _SHOWN} more" if len(runs) > _SHOWN else ""
        return [
            f"{total:,} numbers follow one another without a gap ({where}{more}): "
            "a list that was made up looks like this; make sure that these are people who agreed."
        ]


def find_runs(numbers: "array[int]", least: int = LEAST) -> list[Run]:
    """The runs of at least so many numbers, longest first; a number that comes twice counts once."""
    if len(numbers) < least:
        return []
    # Here and not above: workers that read no list need not carry it.
    import numpy as np

    ordered = np.sort(np.frombuffer(numbers, np.int64))
    ordered = ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
    # Where the step is not one, a run begins.
    breaks = np.flatnonzero(np.diff(ordered) != 1) + 1
    begins, ends = np.concatenate(([0], breaks)), np.concatenate((breaks, [len(ordered)]))
    long = ends - begins >= least
    runs = map(Run, ordered[begins[long]].tolist(), (ends - begins)[long].tolist())
    return sorted(runs, key=lambda run: (-run.length, run.first))


def _start(run: Run) -> str:
    """The digits that all numbers of a run share, without the last two in any case."""
    first, last = str(run.first), str(run.first + run.length - 1)
    same = next((n for n, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[: min(same, len(first) - 2)] + "…"
