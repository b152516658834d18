"""Which people may have stood in the list before, in memory that does not grow with it."""

from typing import Any

_SLOT_BITS = 24
"""16 MB: among two million people, one in sixteen on the average is taken for one who came before, and asked for."""
_SCATTER = 0x9E3779B97F4A7C15
"""Odd, near 2^64 divided by the golden ratio: numbers in a row land far apart."""


class SeenBefore:
    """Remembers people by one slot each, which a few of them share: never says no of somebody who came before."""

    def __init__(self) -> None:
        # Here and not above: workers that read no list need not carry it.
        import numpy

        self._numpy: Any = numpy
        self._taken: Any = numpy.zeros(1 << _SLOT_BITS, dtype=bool)

    def add(self, numbers: Any) -> Any:
        """More people, as an array of numbers; a flag for each who may have come in an earlier call."""
        slots = (numbers.astype("uint64") * self._numpy.uint64(_SCATTER)) >> self._numpy.uint64(64 - _SLOT_BITS)
        maybe = self._taken[slots]
        self._taken[slots] = True
        return maybe
