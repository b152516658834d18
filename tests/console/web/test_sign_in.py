"""Signing in and out, and the first user."""

import pytest

from campaign.access.sign_in import make_setup_token
from campaign.access.throttle import FREE_TRIES
from campaign.access.users import add_user
from console.api.door import COOKIE
from models.access import Role
from tests.console.web.conftest import PASSWORD, ROOT

NAMED = {"name": "olga", "password": PASSWORD}


@pytest.fixture
def olga(sessions):
    add_user(sessions, ROOT, "olga", PASSWORD, Role.OPERATOR)


def test_signing_in_leads_to_where_one_wanted_to_go_with_a_cookie_that_scripts_cannot_read(client, olga):
    answer = client.post("/login", **NAMED, next="/campaigns/7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/campaigns/7")
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert client.get("/").status_code == 200


def test_after_signing_in_nobody_is_led_to_another_site(client, olga):
    assert client.post("/login", **NAMED, next="//evil.test").headers["location"] == "/"


def test_wrong_names_and_wrong_passwords_are_refused_in_the_same_words(client, olga):
    answers = [client.post("/login", name=name, password="not the password") for name in ("olga", "nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("name or password is not right" in answer.text for answer in answers)
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_after_several_failures_one_waits(client, olga):
    for _ in range(FREE_TRIES):
        client.post("/login", name="olga", password="not the password")
    assert client.post("/login", **NAMED).status_code == 429


def test_a_form_of_another_site_signs_nobody_in_or_out(client, olga):
    assert client.post("/login", origin="https://evil.test", **NAMED).status_code == 403
    client.post("/login", **NAMED)
    assert client.post("/logout", origin="https://evil.test").status_code == 403
    assert client.get("/").status_code == 200


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(client, olga):
    client.post("/login", **NAMED)
    kept = client.cookies[COOKIE]
    assert client.post("/logout").headers["location"] == "/login"
    client.cookies.set(COOKIE, kept)
    assert client.get("/").status_code == 303


def test_what_was_typed_is_shown_again_as_text_and_never_the_password(client):
    answer = client.post("/login", name='"><script>alert(1)</script>', password="a wrong password")
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "a wrong password" not in answer.text


def test_the_first_user_is_made_by_the_printed_token_once(client, sessions):
    token = make_setup_token(sessions)
    assert f'value="{token}"' in client.get(f"/setup?token={token}").text
    differing = client.post("/setup", token=token, **NAMED, again="something else")
    assert (differing.status_code, "differ" in differing.text) == (403, True)
    made = client.post("/setup", token=token, **NAMED, again=PASSWORD)
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert client.post("/setup", token=token, name="eve", password=PASSWORD, again=PASSWORD).status_code == 409


def test_a_made_up_token_sets_nothing_up(client, sessions):
    make_setup_token(sessions)
    answer = client.post("/setup", token="made up", **NAMED, again=PASSWORD)
    assert answer.status_code == 401
    assert "does not count any more" in answer.text
