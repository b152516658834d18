"""What stands before every page: a session, and headers that tell browsers what not to do."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from campaign.access.sign_in import user_of
from console.api.app import PREFIX, SECURE_HEADERS
from console.api.door import COOKIE, Door

OPEN = (PREFIX, "/docs", "/login", "/setup", "/look/", "/_nicegui", "/healthz", "/favicon.ico")
"""Addresses that need no session of a browser: the API asks for its own."""

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        # NiceGUI compiles its templates in the browser and starts from a script in the page.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {**SECURE_HEADERS, "Content-Security-Policy": CONTENT_POLICY}


class Gate:
    """Sends whoever has not signed in to the sign-in page, and comes back to where they wanted to go."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if not request.url.path.startswith(OPEN) and not await run_in_threadpool(self._signed_in, request):
            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            await RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in present)]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _signed_in(self, request: Request) -> bool:
        idle = timedelta(seconds=self._door.settings.session_idle_s)
        token = request.cookies.get(COOKIE, "")
        return bool(token) and user_of(self._door.sessions, token, now=self._door.clock(), idle=idle) is not None


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a page of ours, never another site."""
    if wanted and wanted.startswith("/") and not wanted.startswith(("//", "/\\")):
        return wanted
    return "/"
