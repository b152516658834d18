"""The garbage collector looks seldom within the block, and as before after it."""

import gc

import pytest

from campaign.audience.collector import seldom_collected


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
