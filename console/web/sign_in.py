"""Signing in and out, and the first user: plain pages and forms, since a cookie comes with an answer."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from campaign.access.sign_in import set_up, sign_in, sign_out
from campaign.errors import CampaignError, Forbidden
from console.api.door import COOKIE, Door, Doored, refuse_other_sites
from console.api.problems import status_of
from console.web.gate import safe_next
from console.web.texts import Words, best_language

router = APIRouter(include_in_schema=False)

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "plain"), autoescape=select_autoescape(default=True)
)

Text = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def login_page(request: Request, next: str = "/") -> HTMLResponse:
    """The form to sign in with."""
    return _page(request, "login.html", next=safe_next(next))


@router.post("/login")
def login(request: Request, door: Doored, name: Text, password: Text, next: Text = "/") -> Response:
    """Sign in and go on to where one wanted to go."""
    try:
        refuse_other_sites(request, door.settings.console_url)
        return _signed_in(request, door, name, password, safe_next(next))
    except CampaignError as error:
        return _page(request, "login.html", status=status_of(error), error=str(error), name=name, next=safe_next(next))


@router.post("/logout")
def logout(request: Request, door: Doored) -> Response:
    """End the session of this browser."""
    refuse_other_sites(request, door.settings.console_url)
    sign_out(door.sessions, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/setup")
def setup_page(request: Request, token: str = "") -> HTMLResponse:
    """The form by which the first user is made."""
    return _page(request, "setup.html", token=token)


@router.post("/setup")
def setup(request: Request, door: Doored, token: Text, name: Text, password: Text, again: Text) -> Response:
    """Make the first user, an admin, and sign them in."""
    try:
        refuse_other_sites(request, door.settings.console_url)
        if password != again:
            raise Forbidden("the two passwords differ; type the same one twice")
        set_up(door.sessions, token, name, password)
        return _signed_in(request, door, name, password, "/")
    except CampaignError as error:
        return _page(request, "setup.html", status=status_of(error), error=str(error), name=name, token=token)


def _signed_in(request: Request, door: Door, name: str, password: str, wanted: str) -> Response:
    lasts = timedelta(seconds=door.settings.session_max_s)
    address = request.client.host if request.client else "unknown"
    token, _ = sign_in(door.sessions, name, password, address=address, now=door.clock(), lasts=lasts)
    answer = RedirectResponse(wanted, 303)
    secure = request.url.scheme == "https" or (door.settings.console_url or "").startswith("https://")
    answer.set_cookie(
        COOKIE, token, max_age=int(lasts.total_seconds()), httponly=True, samesite="lax", secure=secure, path="/"
    )
    return answer


def _page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    words = Words(best_language(request.headers.get("accept-language")))
    error = values.pop("error", None)
    told = {"error": error and words.said(str(error)), "name": ""}
    page = _pages.get_template(template).render(words=words, **{**told, **values})
    return HTMLResponse(page, status)
