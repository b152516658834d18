"""The API on real stores, asked as an operator unless a test says otherwise."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from campaign.access.api_keys import create_key
from campaign.access.roles import Actor
from campaign.access.sign_in import sign_in
from campaign.access.users import add_user
from console.api.app import PREFIX, create_api
from console.api.door import COOKIE, Door
from models.access import Role
from models.session import session_scope
from tests.factories import NOON, fiction_phone, make_campaign, make_messages, make_sender, make_template

ROOT = Actor("cli:root", Role.ADMIN)
PASSWORD = "correct horse battery"
CSV = "phone,name\n" + "".join(f"{fiction_phone(number)},Ann\n" for number in range(3)) + "12,Short\n"


class Client:
    """Asks an application without a socket, as a browser or another system would."""

    def __init__(self, app, **given):
        self._app, self._given = app, {"base_url": "http://console.test"} | given

    def request(self, method, path, **more):
        async def ask():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, **self._given) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, **more):
        return self.request("POST", path, **more)


@pytest.fixture(autouse=True)
def told():
    """What is logged. As structlog comes, it shows all local variables of an error, which takes minutes."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def count(sessions):
    """Counts the rows of a model."""

    def count(model):
        with sessions() as session:
            return session.query(model).count()

    return count


@pytest.fixture
def app(sessions, settings):
    return create_api(Door(sessions, settings, lambda: NOON, lambda sender_id: 1.0))


@pytest.fixture
def ask(app, sessions):
    """Asks the API with a key of a role: `ask("GET", "/campaigns", role="viewer")`."""
    keys, client = {}, Client(app)

    def ask(method, path, *, role="operator", **more):
        if role is not None and role not in keys:
            keys[role] = create_key(sessions, ROOT, role, Role(role))
        headers = ({"Authorization": f"Bearer {keys[role]}"} if role else {}) | more.pop("headers", {})
        return client.request(method, PREFIX + path, headers=headers, **more)

    return ask


@pytest.fixture
def browser(app, sessions):
    """A client with the cookie of somebody who has signed in, as an operator."""
    add_user(sessions, ROOT, "olga", PASSWORD, Role.OPERATOR)
    token, _ = sign_in(sessions, "olga", PASSWORD, address="127.0.0.1", now=NOON, lasts=timedelta(days=1))
    return Client(app, cookies={COOKIE: token})


@pytest.fixture
def spring(sessions):
    """The id of a draft with three messages."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), state="draft", launched_at=None)
        make_messages(session, campaign, 3)
        return campaign.id
