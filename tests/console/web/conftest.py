"""The console's pages without a browser: a page as it is first sent, as somebody of a role sees it."""

import html
import itertools
import json
import re
from datetime import timedelta

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from nicegui import ui

from campaign.access.roles import Actor
from campaign.access.sign_in import sign_in
from campaign.access.users import add_user
from campaign.settings import Settings
from console.api.door import COOKIE, Door
from console.web.app import create_console
from models.access import Role
from tests.factories import NOON

ROOT = Actor("cli:root", Role.ADMIN)
PASSWORD = "correct horse battery"
HOME = "http://console.test"

_numbers = itertools.count()


@pytest.fixture(scope="session")
def _door(_all_sessions, database_url, redis_url, tmp_path_factory):
    named = {"database_url": database_url, "redis_url": redis_url, "home": tmp_path_factory.mktemp("console")}
    return Door(_all_sessions, Settings(_env_file=None, **named), lambda: NOON, lambda sender_id: 1.0)


@pytest.fixture
def door(_door, sessions):
    """What the pages work with; the database is empty again after the test."""
    return _door


@pytest.fixture(scope="session")
def console(_door) -> FastAPI:
    """The console, one for the run: NiceGUI keeps its pages in one application for the process."""
    return create_console(_door)


@pytest.fixture(scope="session")
def portal(console):
    """The loop that the started console runs on."""
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(console.router.lifespan_context(console)):
            yield portal


class Client:
    """A browser that runs no scripts and follows nothing, on an application that has started."""

    def __init__(self, portal, console):
        self._portal = portal
        transport = httpx.ASGITransport(console, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=HOME)
        self.cookies = self._client.cookies

    def get(self, path):
        return self._portal.call(self._client.get, path)

    def post(self, path, origin=HOME, **values):
        return self._portal.call(lambda: self._client.post(path, data=values, headers={"Origin": origin}))


@pytest.fixture
def client(portal, console, door):
    """Nobody has signed in."""
    return Client(portal, console)


@pytest.fixture
def token(sessions):
    """The cookie of a new user of a role: `token("viewer")`."""

    def token(role="operator"):
        name = f"some-{role}-{next(_numbers)}"
        add_user(sessions, ROOT, name, PASSWORD, Role(role))
        return sign_in(sessions, name, PASSWORD, address="127.0.0.1", now=NOON, lasts=timedelta(days=1))[0]

    return token


@pytest.fixture
def see(client, token):
    """A page as it is sent to somebody of a role: `see("/users", role="viewer")`."""

    def see(path, role="operator"):
        client.cookies.set(COOKIE, token(role))
        answer = client.get(path)
        assert answer.status_code == 200, answer.text[:500]
        return shown(answer.text)

    return see


@pytest.fixture
def draw(client):
    """What stands in a page that a function builds."""

    def draw(build):
        path = f"/login-drawn-{next(_numbers)}"  # an address that needs no session
        ui.page(path)(build)
        return shown(client.get(path).text)

    return draw


def shown(page):
    """The elements of a page as they are sent to be drawn in the browser."""
    sent = re.search(r"parseElements\(String\.raw`(.*?)`\)", page, re.S)
    assert sent, page
    return Seen(list(json.loads(html.unescape(sent[1])).values()))


class Seen:
    """A page as it would be drawn. `text in page` asks what a reader would see."""

    def __init__(self, elements):
        self.elements = elements
        self.markup = [element.get("props", {}).get("innerHTML", "") for element in elements]
        plain = [html.unescape(re.sub(r"<[^>]*>", "", markup)) for markup in self.markup]
        self.text = "\n".join([*plain, *(element.get("text") or "" for element in elements)])

    def __contains__(self, text):
        return text in self.text

    def find(self, tag, **props):
        """Elements of a tag with these properties."""
        return [
            element
            for element in self.elements
            if tag in (element["tag"], element.get("props", {}).get("tag"))
            and props.items() <= element.get("props", {}).items()
        ]

    def links(self):
        """Where its links lead."""
        return {element["props"]["href"] for element in self.find("nicegui-link")}
