"""One look at a page: who is looking, in which language, and how pages read and act.

Pages never touch the database themselves. They read through `Visit.read` and act through `Visit.act`, both off the
event loop; an act looks up the session again, so that a page left open says so when it has ended.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any, TypeVar, cast

import structlog
from nicegui import app, run, ui
from nicegui.elements.html import Html
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from campaign.access.roles import Actor
from campaign.access.sign_in import actor_of, user_of
from campaign.errors import CampaignError, NotSignedIn
from console.api.door import COOKIE, Door
from console.web.parts import ErrorLine
from console.web.texts import Words, best_language
from models.session import Sessions

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Later:
    """What waits until a page stands: a timer that begins before has the page sent as it is, built or not."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], object]] | None = []

    def do(self, begin: Callable[[], object]) -> None:
        """Begin something when the page stands, or now if it does."""
        if self._waiting is None:
            begin()
        else:
            self._waiting.append(begin)

    def page_stands(self) -> None:
        """Begin all of it."""
        waiting, self._waiting = self._waiting or [], None
        for begin in waiting:
            begin()


@dataclass(frozen=True)
class Visit:
    """What a page is built with. `path` and `query` are the values of its address.

    heading  of the page, once it stands
    later    what begins when the page stands
    """

    door: Door
    token: str
    actor: Actor
    words: Words
    path: dict[str, str]
    query: dict[str, str]
    heading: Html | None = None
    later: Later = field(default_factory=Later)

    def entitle(self, title: str) -> None:
        """Name the page after the one thing that it shows."""
        ui.page_title(f"{title} · {self.words('product')}")
        if self.heading is not None:
            self.heading.set_content(escape(title))

    def now(self) -> datetime:
        """The present, UTC."""
        return self.door.clock()

    async def read(self, look: Callable[..., T], *args: Any, **more: Any) -> T:
        """What a function of the domain that takes a session says; nothing it does is kept."""

        def reading() -> T:
            with self.door.sessions() as session:
                return look(session, *args, **more)

        return cast(T, await run.io_bound(reading))

    async def act(
        self, do: Callable[[Sessions, Actor], T], *, errors: ErrorLine | None = None, done: str | None = None
    ) -> T | None:
        """Do something as who is looking; None after an error, which is shown in `errors` or as a notice.

        done  told when it worked
        """

        def acting() -> T:
            return do(self.door.sessions, self._still())

        if errors is not None:
            errors.clear_text()
        try:
            result = await run.io_bound(acting)
        except (CampaignError, DBAPIError) as error:
            self._tell(error, errors)
            return None
        if done is not None:
            ui.notify(done, type="positive", position="top")
        return result

    def _still(self) -> Actor:
        """Who is looking, as of now: a role may have changed, a session ended.

        raises  NotSignedIn
        """
        idle = timedelta(seconds=self.door.settings.session_idle_s)
        user = user_of(self.door.sessions, self.token, now=self.now(), idle=idle)
        if user is None:
            raise NotSignedIn(self.words("session.ended"))
        return actor_of(user)

    def _tell(self, error: Exception, errors: ErrorLine | None) -> None:
        if isinstance(error, DBAPIError):
            log.warning("act failed", error=type(error).__name__)
            text = self.words("error.database")
        else:
            text = self.words.said(str(error))
        if errors is not None:
            errors.show(text)
        else:
            ui.notify(text, type="negative", position="top", multi_line=True, timeout=8000, close_button=True)


async def visit_of(request: Request) -> Visit | None:
    """The visit of a request; None when nobody is signed in."""
    door: Door = app.state.door
    token = request.cookies.get(COOKIE, "")
    idle = timedelta(seconds=door.settings.session_idle_s)
    user = await run.io_bound(lambda: user_of(door.sessions, token, now=door.clock(), idle=idle))
    if user is None:
        return None
    words = Words(best_language(request.headers.get("accept-language"), user.language))
    return Visit(door, token, actor_of(user), words, dict(request.path_params), dict(request.query_params))
