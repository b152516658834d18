"""One item in the making while another is used."""

import threading
import time
from collections.abc import Iterator

import pytest

from campaign.audience.read_ahead import read_ahead


def test_items_come_in_order_and_none_is_lost() -> None:
    with read_ahead(iter([1, None, 3])) as items:
        assert list(items) == [1, None, 3]
    with read_ahead(iter(())) as items:
        assert list(items) == []


def test_the_next_item_is_made_while_the_one_before_is_used() -> None:
    made = threading.Semaphore(0)

    def making() -> Iterator[int]:
        for number in range(3):
            made.release()
            yield number

    with read_ahead(making()) as items:
        assert next(items) == 0
        assert made.acquire(timeout=5)
        assert made.acquire(timeout=5), "the second item was not begun"
        time.sleep(0.05)
        assert not made.acquire(blocking=False), "the third was begun before the first had been used"


def test_an_error_is_raised_where_the_item_is_asked_for_and_the_thread_ends() -> None:
    def making() -> Iterator[int]:
        yield 1
        raise ValueError("bad list")

    before = threading.active_count()
    with pytest.raises(ValueError, match="bad list"):
        with read_ahead(making()) as items:
            list(items)
    assert threading.active_count() == before


def test_a_user_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        with read_ahead(iter(range(10))) as items:
            [1 // item for item in items]
    assert threading.active_count() == before
