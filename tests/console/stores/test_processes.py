"""Ending a process, be it ours, stubborn, or dead already."""

import signal
import subprocess
import sys
import time

import psutil

from console.stores.processes import end, is_dead

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def started(code: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_process_that_nobody_has_waited_for_is_dead() -> None:
    with started("print(flush=True)") as child:
        process = psutil.Process(child.pid)
        ends = time.monotonic() + 5
        while not is_dead(process):
            assert time.monotonic() < ends
        assert process.status() == psutil.STATUS_ZOMBIE


def test_one_that_obeys_gets_the_gentle_signal_alone() -> None:
    with started("import time; print(flush=True); time.sleep(60)") as child:
        end(psutil.Process(child.pid), signal.SIGTERM)
        assert child.wait(5) == -signal.SIGTERM


def test_one_that_does_not_obey_is_killed_after_the_patience() -> None:
    with started(STUBBORN) as child:
        end(psutil.Process(child.pid), signal.SIGTERM, patience_s=0.3)
        assert child.wait(5) == -signal.SIGKILL


def test_ending_one_that_is_gone_is_harmless() -> None:
    with started("print(flush=True)") as child:
        process = psutil.Process(child.pid)
    end(process, signal.SIGTERM)
