"""Reading while somebody else works: one item is made in a thread while the one before it is used."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

_Item = TypeVar("_Item")


@contextmanager
def read_ahead(items: Iterator[_Item]) -> Iterator[Iterator[_Item]]:
    """Hand out items in order, the next of them already in the making; at most two are held.

    An error in making an item is raised where the item is asked for. The thread is gone when the block ends.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as pool:
        yield _handed_out(items, pool)


def _handed_out(items: Iterator[_Item], pool: ThreadPoolExecutor) -> Iterator[_Item]:
    end = object()
    coming = pool.submit(next, items, end)
    while (item := coming.result()) is not end:
        coming = pool.submit(next, items, end)
        yield item  # type: ignore[misc]
