"""Who gets in."""

from datetime import timedelta

import pytest

from tests.factories import NOON

HERE = {"Origin": "http://console.test"}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer ck_wrong"}, {"Authorization": "Basic b2xnYTp4"}, {"Cookie": "campaign_session=x"}],
)
def test_without_a_key_or_a_session_nobody_gets_in(ask, headers):
    refused = ask("GET", "/campaigns", role=None, headers=headers)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json()["title"] == "Not signed in"


def test_a_browser_that_has_signed_in_gets_in(browser):
    assert browser.get("/api/v1/me").json()["name"] == "user:olga"


@pytest.mark.parametrize("origin", [None, "http://evil.test", "null", "http://console.test.evil.test"])
def test_another_site_cannot_make_a_browser_change_anything(browser, spring, origin):
    headers = {"Origin": origin} if origin else {}
    assert browser.post(f"/api/v1/campaigns/{spring}/launch", headers=headers).status_code == 403
    assert browser.post(f"/api/v1/campaigns/{spring}/launch", headers=HERE).json()["state"] == "running"


def test_a_session_that_has_ended_is_told_so(browser, app, spring):
    object.__setattr__(app.state.door, "clock", lambda: NOON + timedelta(days=2))
    late = browser.post(f"/api/v1/campaigns/{spring}/launch", headers=HERE)
    assert (late.status_code, late.json()["detail"].startswith("sign in")) == (401, True)


def test_answers_tell_browsers_to_be_careful(ask):
    headers = ask("GET", "/me").headers
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")
    assert headers["cache-control"] == "no-store"


def test_a_key_that_asks_too_often_is_told_when_to_come_back(ask, browser, app):
    object.__setattr__(app.state.door, "wait", lambda name: 2.3 if name == "key:viewer" else 0.0)
    refused = ask("GET", "/campaigns", role="viewer")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "key:viewer asks too often; try again in 2.3 s"
    assert ask("GET", "/campaigns", role="operator").status_code == 200
    assert browser.get("/api/v1/me").status_code == 200
