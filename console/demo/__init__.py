"""The main job end to end against the sandbox, in one command: one campaign by the real clock, or weeks in a minute.

run.py       one campaign, and its report against the ledger
people.py    its list of invented people
platform.py  its sandbox
compare.py   report and ledger, line by line
telling.py   what it says on the screen
weeks.py     schedules over weeks: the processes around the engine
habits.py    what the schedules are
stepped.py   an engine whose clock is stepped by hand
diary.py     hour by hour, and what the ledger says in the end
"""

from console.demo.run import DemoOptions, run_demo
from console.demo.weeks import run_weeks

__all__ = ["DemoOptions", "run_demo", "run_weeks"]
