"""The machine's clock for processes whose PYTHONPATH names this folder: a file says by how many seconds it is wrong.

Only where our processes and Celery ask for the time of day; what is monotonic goes on, as it does when a clock is set.
"""

import os
import sys
from datetime import datetime, timedelta, tzinfo
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

FILE = "TEST_MACHINE_CLOCK"


class SteppedDatetime(datetime):
    """Tells the time by the clock that was set."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """The time of day."""
        return datetime.now(tz) + _wrong_by()


def _wrong_by() -> timedelta:
    with open(os.environ[FILE]) as file:
        return timedelta(seconds=float(file.read() or 0))


def _set_datetime(module: ModuleType) -> None:
    module.datetime = SteppedDatetime  # type: ignore[attr-defined]


def _set_utc_now(module: ModuleType) -> None:
    real = module.utc_now
    module.utc_now = lambda: real() + _wrong_by()  # type: ignore[attr-defined]


SET = {"tasks.wiring": _set_utc_now, "celery.app.base": _set_datetime, "celery.worker.request": _set_datetime}


class _Setter(MetaPathFinder):
    """Sets the clock of a module once that has been imported."""

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name not in SET:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next((found for finder in others if (found := finder.find_spec(name, path, None))), None)  # type: ignore[arg-type]
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def and_set(module: ModuleType) -> None:
            execute(module)
            SET[name](module)

        spec.loader.exec_module = and_set  # type: ignore[method-assign]
        return spec


if FILE in os.environ:
    sys.meta_path.insert(0, _Setter())
