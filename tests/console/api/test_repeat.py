"""What makes something is done once under one key."""

import pytest

from models import ConsentEvent, User

PHONES = {"phones": ["+12015550100"], "category": "marketing", "source": "form"}


def test_a_grant_that_is_sent_again_is_recorded_once(ask, count):
    first, again = (ask("POST", "/consent/grants", json=PHONES, headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert first.json() == again.json()
    assert count(ConsentEvent) == 1


def test_a_key_of_another_operation_is_refused(ask):
    ask("POST", "/consent/grants", json=PHONES, headers={"Idempotency-Key": "a"})
    other = ask("POST", "/consent/withdrawals", json=PHONES, headers={"Idempotency-Key": "a"})
    assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)


def test_a_request_that_failed_may_be_tried_again(ask, count):
    key = {"Idempotency-Key": "a"}
    short = {"name": "olga", "password": "short", "role": "viewer"}
    assert ask("POST", "/users", json=short, headers=key, role="admin").status_code == 422
    longer = short | {"password": "correct horse battery"}
    assert ask("POST", "/users", json=longer, headers=key, role="admin").status_code == 201
    assert count(User) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
def test_a_key_that_is_none_is_refused(ask, key):
    assert ask("POST", "/consent/grants", json=PHONES, headers={"Idempotency-Key": key}).status_code == 422


def test_who_may_not_do_it_is_not_told_what_was_answered(ask):
    ask("POST", "/consent/grants", json=PHONES, headers={"Idempotency-Key": "a"})
    refused = ask("POST", "/consent/grants", json=PHONES, headers={"Idempotency-Key": "a"}, role="viewer")
    assert refused.status_code == 403
