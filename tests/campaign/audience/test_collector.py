"""The interpreter is as before after the blocks that borrow from it."""

import gc
import sys

import pytest

from campaign.audience.collector import seldom_collected, soon_switched


def test_blocks_may_overlap_and_what_was_set_comes_back() -> None:
    before = gc.get_threshold()
    first, second = seldom_collected(), seldom_collected()
    with first:
        assert gc.get_threshold()[0] > before[0]
        second.__enter__()
    assert gc.get_threshold()[0] > before[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_an_error_brings_it_back_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError), seldom_collected():
        raise RuntimeError
    assert gc.get_threshold() == before


def test_threads_take_turns_sooner_within_the_block() -> None:
    before = sys.getswitchinterval()
    with soon_switched(), soon_switched():
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before
