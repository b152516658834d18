"""Errors as problem details."""

import pytest

from campaign.errors import CampaignError, Conflict, NotFound, UsageError
from console.api.problems import STATUSES, TITLES, status_of


def test_every_status_has_a_title():
    assert set(STATUSES.values()) <= set(TITLES)


@pytest.mark.parametrize(
    ("error", "status"), [(UsageError, 422), (NotFound, 404), (Conflict, 409), (CampaignError, 400)]
)
def test_an_error_of_ours_has_its_status(error, status):
    assert status_of(error("what, where, what next")) == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", "/campaigns", 405),
        ("GET", "/campaigns/999", 404),
        ("GET", "/campaigns/spring", 422),
        ("GET", "/campaigns?limit=0", 422),
        ("GET", "/senders/nobody", 404),
        ("GET", "/people/abc", 422),
    ],
)
def test_whatever_is_wrong_is_a_problem(ask, method, path, status):
    answer = ask(method, path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail"}


def test_a_body_beyond_the_bound_is_refused_before_it_is_read(ask):
    assert ask("POST", "/campaigns", content=b"x" * (4 * 1024**2 + 1)).status_code == 413


def test_a_database_that_is_away_is_told_so(ask, app):
    from sqlalchemy.exc import OperationalError

    ask("GET", "/me")

    def away():
        raise OperationalError("select 1", {}, Exception("connection refused to 10.0.0.1"))

    object.__setattr__(app.state.door, "clock", away)
    answer = ask("GET", "/me")
    assert (answer.status_code, "10.0.0.1" in answer.text) == (503, False)


def test_an_unexpected_error_tells_nothing_of_its_inside(ask, app, told):
    ask("GET", "/me")

    def broken():
        raise ValueError("a secret")

    object.__setattr__(app.state.door, "clock", broken)
    answer = ask("GET", "/me")
    assert [line["error"] for line in told] == ["ValueError"]
    assert (answer.status_code, "secret" in answer.text) == (500, False)
