"""Pages of lists that can grow: where the next one is stands in the `Link` header, in the same way everywhere."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

T = TypeVar("T")


class Pages:
    """Cuts a list that was read one longer than asked for, and says where it goes on.

    The cursor is the place of the last entry seen, so a list that grows meanwhile loses nothing and repeats nothing.
    """

    def __init__(self, request: Request, response: Response) -> None:
        self._request, self._response = request, response

    def cut(self, found: Sequence[T], limit: int, **cursors: Callable[[T], Any]) -> list[T]:
        """The page; `cursors` are parameters of the next one, made from the last entry of this one."""
        page = list(found[:limit])
        if len(found) > limit:
            url = self._request.url.include_query_params(**{name: at(page[-1]) for name, at in cursors.items()})
            self._response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return page


Paged = Annotated[Pages, Depends(Pages)]
