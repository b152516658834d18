"""Two weeks of schedules in less than a minute: the command, whole, against the stand-in over HTTP."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

DAYS = 14
MOST_S = 60


def processor_time() -> float:
    """Seconds that our children and theirs have used, of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_two_weeks_of_schedules_are_sent_within_every_window_in_less_than_a_minute(tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("campaign"), "demo", "--days", str(DAYS)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAMPAIGN_")}
    began, used = time.monotonic(), processor_time()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=270)
    took_s, processor_s = time.monotonic() - began, processor_time() - used
    print(f"\n{done.stdout}all of it in {took_s:.0f} s, {processor_s:.0f} s of them on a processor")
    assert done.returncode == 0, done.stdout + done.stderr
    # Six runs a week of one schedule and one of the other; over the Sunday on which New York puts its clocks ahead.
    assert "14 runs of 14 due, 560 messages sent." in done.stdout
    assert "0 outside a window by the ledger; 0 places where reports differ from it." in done.stdout
    # By the processor's time: a machine that is busy with other things takes longer by the clock.
    assert processor_s < MOST_S
    assert done.stderr == ""
    assert list(tmp_path.glob(".campaign/demo-*")) == [], "the folder of the demo is gone"
