"""What a request needs: the stores, the settings, the clock, and who is asking."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from campaign.access.api_keys import actor_of_key
from campaign.access.roles import Act, Actor
from campaign.access.sign_in import actor_of, user_of
from campaign.errors import Forbidden, NotSignedIn, Throttled
from campaign.settings import Settings
from models.session import Sessions

COOKIE = "campaign_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Share = Callable[[int], float]
Wait = Callable[[str], float]


def no_wait(actor: str) -> float:
    """No bound."""
    return 0.0


@dataclass(frozen=True)
class Door:
    """What the routes work with.

    clock  gives the present, UTC
    share  of a sender's rate that its limiter grants now, 0 to 1
    wait   counts one request of a key against its rate; 0, or how long to wait before the next, seconds
    """

    sessions: Sessions
    settings: Settings
    clock: Callable[[], datetime]
    share: Share
    wait: Wait = no_wait


def door_of(request: Request) -> Door:
    """The door that this application was made with."""
    door: Door = request.app.state.door
    return door


Doored = Annotated[Door, Depends(door_of)]

_bearer = HTTPBearer(auto_error=False, description="An API key, made with campaign keys create or in the console")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The session of a browser that has signed in")


def actor(
    request: Request,
    door: Doored,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    token: Annotated[str | None, Security(_cookie)] = None,
) -> Actor:
    """Who is asking: by an API key, or by the session of a browser.

    raises  NotSignedIn; Throttled for a key that asks faster than its rate; Forbidden for a request that another site
            made a browser send
    """
    if bearer is not None:
        by = actor_of_key(door.sessions, bearer.credentials, now=door.clock())
        if wait_s := door.wait(by.name):
            raise Throttled(f"{by.name} asks too often; try again in {wait_s:.1f} s", retry_after_s=wait_s)
        return by
    user = user_of(door.sessions, token or "", now=door.clock(), idle=timedelta(seconds=door.settings.session_idle_s))
    if user is None:
        raise NotSignedIn("sign in, or send an API key as Authorization: Bearer …")
    if request.method not in SAFE_METHODS:
        refuse_other_sites(request, door.settings.console_url)
    return actor_of(user)


def refuse_other_sites(request: Request, console_url: str | None) -> None:
    """Refuse what a page of another site made a browser send with our cookie.

    Browsers name the site in `Origin` with every request that changes something, and no page can change that.

    raises  Forbidden
    """
    origin = request.headers.get("origin")
    ours = {request.headers.get("host", ""), urlsplit(console_url or "").netloc}
    if origin is None or urlsplit(origin).netloc not in ours - {""}:
        raise Forbidden("this request did not come from the console itself; open the console and try again there")


Acting = Annotated[Actor, Depends(actor)]


def viewer(by: Acting) -> Actor:
    """Who is asking, if they may look.

    raises  Forbidden
    """
    by.require(Act.VIEW)
    return by


Viewing = Annotated[Actor, Depends(viewer)]


def look(door: Doored, by: Viewing) -> Iterator[Session]:
    """A session for somebody who may look; nothing it does is kept."""
    with door.sessions() as session:
        yield session


Look = Annotated[Session, Depends(look)]
