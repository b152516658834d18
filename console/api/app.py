"""The REST API as an application: every router under `/api/v1`, its description at `/docs`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from console.api import (
    access,
    campaign_acts,
    campaigns,
    consent,
    costs,
    description,
    doctor,
    drafts,
    people,
    schedules,
    senders,
    sequences,
    subscriptions,
    templates,
    uploads,
    webhooks,
)
from console.api.door import Door
from console.api.problems import MEDIA_TYPE, TITLES, add_handlers, problem
from console.api.words import refuse_unusable

PREFIX = "/api/v1"
PARTS = (
    uploads, campaigns, campaign_acts, schedules, sequences, people, consent, senders, templates, webhooks, costs,
    subscriptions, drafts, access, doctor,
)  # fmt: skip
"""In the order in which they are described."""
LARGEST_BODY = 4 * 1024**2
"""Bytes of a request but an upload's, which has a bound of its own."""

SECURE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_PROBLEM = {"description": "What failed, on which thing, what to do", "content": {MEDIA_TYPE: {"schema": {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "errors": {"type": "array", "items": {"type": "object"}},
    },
}}}}  # fmt: skip
_RESPONSES: dict[int | str, dict[str, Any]] = {status: _PROBLEM for status in TITLES if status != 500}


def create_api(door: Door) -> FastAPI:
    """The API on a door. The same routes serve keys and the console's own browser sessions."""
    app = FastAPI(
        title="Campaign engine",
        version="1",
        description="Campaigns, people, senders and reports: the verbs of the command line. Times are ISO 8601 in UTC.",
        openapi_url=f"{PREFIX}/openapi.json",
        # Their pages load scripts from elsewhere; ours is console.api.description.
        docs_url=None,
        redoc_url=None,
    )
    app.state.door = door
    router = APIRouter(prefix=PREFIX, responses=_RESPONSES, dependencies=[Depends(refuse_unusable)])
    for part in PARTS:
        router.include_router(part.router)
    app.include_router(router)
    app.include_router(description.router)
    add_handlers(app)
    app.middleware("http")(_guarded)
    return app


async def _guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Bound the body, and tell browsers what not to do with the answer."""
    size = request.headers.get("content-length", "0")
    uploads = request.url.path == f"{PREFIX}/uploads"
    if not uploads and size.isdecimal() and int(size) > LARGEST_BODY:
        return problem(413, f"the request is larger than {LARGEST_BODY // 1024**2} MB; send less at once")
    response = await call_next(request)
    for name, value in SECURE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith(PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
