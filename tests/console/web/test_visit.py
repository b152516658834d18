"""One look at a page: reading, acting, and being told."""

import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from campaign.access.roles import Act, Actor
from campaign.access.sign_in import sign_out
from campaign.access.users import find_user, set_role
from campaign.errors import Conflict
from console.api.door import COOKIE
from console.web.texts import Words
from console.web.visit import Visit, visit_of
from models.access import Role, User
from tests.console.web.conftest import ROOT


class Line:
    """Where an error would be shown."""

    said = "before"

    def show(self, text):
        self.said = text

    def clear_text(self):
        self.said = None


@pytest.fixture
def visit(door, token):
    """Somebody at a page, as `visit_of` makes it."""

    def visit(role="operator"):
        return Visit(door, token(role), Actor(f"user:some-{role}", Role(role)), Words("en"), {}, {})

    return visit


def act(visit, do, line):
    return asyncio.run(visit.act(do, errors=line))


def test_what_is_read_is_not_kept(visit, sessions):
    def add_nobody(session, name):
        session.execute(
            text("INSERT INTO user_account (name, password_hash, role) VALUES (:n, 'x', 'viewer')"), {"n": name}
        )
        return "read"

    looking = visit()
    assert asyncio.run(looking.read(add_nobody, "eve")) == "read"
    with sessions() as session:
        assert session.scalar(select(func.count()).where(User.name == "eve")) == 0


def test_an_act_is_done_as_who_is_signed_in_and_clears_the_error_before_it(visit):
    line = Line()
    assert act(visit(), lambda sessions, actor: actor.role, line) == Role.OPERATOR
    assert line.said is None


def test_an_error_of_an_act_is_shown_beside_its_cause(visit):
    def fail(sessions, actor):
        raise Conflict("campaign spring runs already; pause it first")

    line = Line()
    assert act(visit(), fail, line) is None
    assert line.said == "campaign spring runs already; pause it first"


def test_a_database_out_of_reach_is_told_in_words_without_its_address(visit):
    def fail(sessions, actor):
        raise OperationalError("SELECT", {}, Exception("could not connect to 10.0.0.1"))

    line = Line()
    act(visit(), fail, line)
    assert line.said == "The database could not be reached. Nothing was changed; try again in a minute."


def test_an_act_after_the_session_has_ended_does_nothing_and_says_so(visit, door):
    looking, done, line = visit(), [], Line()
    sign_out(door.sessions, looking.token)
    assert act(looking, lambda sessions, actor: done.append(actor), line) is None
    assert not done
    assert line.said.startswith("Your session has ended.")


def test_a_role_that_was_taken_away_counts_from_the_next_act_on(visit, sessions):
    looking, line = visit("operator"), Line()
    with sessions() as session:
        name = session.scalars(select(User.name)).one()
    set_role(sessions, ROOT, name, Role.VIEWER)
    act(looking, lambda sessions, actor: actor.require(Act.LAUNCH), line)
    assert "is viewer here and may not launch" in line.said


def asked(token, **headers):
    pairs = {"cookie": f"{COOKIE}={token}", **headers}
    scope = {"type": "http", "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in pairs.items()]}
    return Request(scope | {"path_params": {"id": "7"}, "query_string": b"tab=errors"})


def test_a_visit_knows_who_and_where_and_in_which_language(console, token):
    visit = asyncio.run(visit_of(asked(token("approver"), accept_language="pt-BR")))
    assert (visit.actor.role, visit.words.language) == (Role.APPROVER, "pt")
    assert (visit.path, visit.query) == ({"id": "7"}, {"tab": "errors"})


def test_the_users_own_language_comes_first(console, token, sessions):
    cookie = token()
    with sessions() as session, session.begin():
        find_user(session, session.scalars(select(User.name)).one()).language = "es"
    assert asyncio.run(visit_of(asked(cookie, accept_language="pt"))).words.language == "es"


def test_nobody_is_nobody(console, token):
    assert asyncio.run(visit_of(asked("made up"))) is None
