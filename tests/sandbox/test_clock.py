"""Real time and the platform's time."""

import time

import pytest

from sandbox.clock import Clock


def test_real_time_is_the_systems() -> None:
    assert abs(Clock(1000).now() - time.time()) < 0.05


def test_platform_time_runs_by_the_factor() -> None:
    clock = Clock(10_000)
    real, platform = clock.now(), clock.platform_now()
    time.sleep(0.02)
    passed_real, passed_platform = clock.now() - real, clock.platform_now() - platform
    assert passed_platform == pytest.approx(passed_real * 10_000, rel=0.1)


def test_a_change_of_pace_leaves_no_jump() -> None:
    clock = Clock(1_000_000)
    time.sleep(0.01)
    before = clock.platform_now()
    clock.run_at(1)
    assert 0 <= clock.platform_now() - before < 1_000_000 * 0.01
    assert clock.platform_now() > time.time() + 5000


def test_a_day_at_a_days_pace_is_a_second() -> None:
    assert Clock(86_400).real_s(86_400) == 1
