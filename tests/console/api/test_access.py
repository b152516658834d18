"""`/me`, `/users`, `/keys`, `/audit`."""

import pytest

PASSWORD = "correct horse battery"


def test_one_can_see_who_one_is_and_what_one_may(ask):
    me = ask("GET", "/me").json()
    assert (me["name"], me["role"], "launch" in me["may"], "erase" in me["may"]) == (
        "key:operator",
        "operator",
        True,
        False,
    )


def test_an_admin_lets_people_in_changes_them_and_the_log_knows(ask):
    made = ask("POST", "/users", role="admin", json={"name": "Vera", "password": PASSWORD, "role": "viewer"})
    assert (made.status_code, made.json()["name"], "password" in made.text) == (201, "vera", False)
    assert ask("PATCH", "/users/vera", role="admin", json={"role": "operator"}).json()["role"] == "operator"
    assert ask("PATCH", "/users/vera", role="admin", json={"disabled": True}).json()["disabled_at"]
    assert ask("PATCH", "/users/vera", role="admin", json={"disabled": False}).json()["disabled_at"] is None
    assert [user["name"] for user in ask("GET", "/users", role="admin").json()] == ["vera"]
    log = ask("GET", "/audit?subject=user:vera", role="viewer").json()
    assert [entry["act"] for entry in log] == ["manage_users"] * 4


def test_a_key_is_shown_once_and_works_until_it_is_revoked(ask):
    made = ask("POST", "/keys", role="admin", json={"name": "crm", "role": "viewer"}).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert ask("GET", "/me", role=None, headers=bearer).json()["name"] == "key:crm"
    assert made["key"] not in ask("GET", "/keys", role="admin").text
    assert ask("DELETE", "/keys/crm", role="admin").status_code == 204
    assert ask("GET", "/me", role=None, headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/users", None),
        ("POST", "/users", {"name": "eve", "password": PASSWORD, "role": "admin"}),
        ("PATCH", "/users/eve", {"role": "admin"}),
        ("GET", "/keys", None),
        ("POST", "/keys", {"name": "eve", "role": "admin"}),
        ("DELETE", "/keys/operator", None),
    ],
)
def test_only_an_admin_manages_who_gets_in(ask, method, path, body):
    assert ask(method, path, json=body).status_code == 403
