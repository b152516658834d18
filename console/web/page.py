"""How a page gets on the map: its address, its title, and what one must be allowed to do to see it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaign.access.roles import Act
from campaign.errors import NotFound
from console.web.frame import frame
from console.web.visit import Visit, visit_of

Build = Callable[[Visit], Awaitable[None]]


def page(path: str, title: str, act: Act = Act.VIEW) -> Callable[[Build], Build]:
    """Put a page on the map.

    path   may hold `{name}` parts, found in Visit.path
    title  key of its words
    act    what one must be allowed to do to see it
    """

    def register(build: Build) -> Build:
        @ui.page(path, response_timeout=20)
        async def shown(request: Request) -> Response | None:
            visit = await visit_of(request)
            if visit is None:
                return RedirectResponse(f"/login?next={request.url.path}", 303)
            with frame(visit, visit.words(title), path) as heading:
                if not visit.actor.may(act):
                    ui.label(visit.words("error.not_allowed", role=visit.actor.role.value)).classes("empty")
                    return None
                try:
                    await build(replace(visit, heading=heading))
                    visit.later.page_stands()
                except NotFound as error:
                    ui.label(visit.words.said(str(error))).classes("empty")
            return None

        return build

    return register
