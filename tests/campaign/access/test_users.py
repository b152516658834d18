"""Users: added, changed, never locked out altogether."""

from datetime import timedelta

import pytest

from campaign.access.roles import Actor
from campaign.access.sign_in import sign_in, user_of
from campaign.access.throttle import FREE_TRIES
from campaign.access.users import (
    add_user,
    checked_name,
    disable_user,
    enable_user,
    find_user,
    set_password,
    set_role,
    users,
)
from campaign.errors import Conflict, Forbidden, NotFound, NotSignedIn, Throttled, UsageError
from models import AuditEntry
from models.access import Role
from tests.campaign.access.conftest import PASSWORD
from tests.factories import NOON

DAY = timedelta(days=1)


@pytest.fixture
def ana(sessions, admin):
    return add_user(sessions, admin, "Ana ", PASSWORD, Role.ADMIN)


def signed_in(sessions, name="ana", password=PASSWORD):
    return sign_in(sessions, name, password, address="127.0.0.1", now=NOON, lasts=DAY)[0]


def test_a_name_is_kept_in_small_letters_and_the_password_never_as_it_is(sessions, ana):
    assert ana.name == "ana"
    assert ana.password_hash.startswith("$argon2id$")
    assert PASSWORD not in ana.password_hash


def test_a_name_is_taken_once(sessions, admin, ana):
    with pytest.raises(Conflict, match="a user ana already"):
        add_user(sessions, admin, "ANA", PASSWORD, Role.VIEWER)


@pytest.mark.parametrize("name", ["", "a b", "<script>", "x" * 101, "ana\n", "-a"])
def test_an_unusable_name_is_refused(name):
    with pytest.raises(UsageError, match="user name"):
        checked_name(name if name != "ana\n" else "an\na")


@pytest.mark.parametrize(
    ("password", "why"), [("short", "5 characters"), ("x" * 201, "201"), ("ana-the-admin", "name")]
)
def test_a_weak_password_is_refused(sessions, admin, password, why):
    with pytest.raises(UsageError, match=why):
        add_user(sessions, admin, "ana-the-admin", password, Role.VIEWER)


def test_only_an_admin_manages_users(sessions, operator):
    with pytest.raises(Forbidden):
        add_user(sessions, operator, "eve", PASSWORD, Role.ADMIN)


def test_the_last_admin_stays(sessions, admin, ana):
    with pytest.raises(Conflict, match="nobody would be left"):
        set_role(sessions, admin, "ana", Role.VIEWER)
    with pytest.raises(Conflict, match="nobody would be left"):
        disable_user(sessions, admin, "ana", now=NOON)
    with sessions() as session:
        assert (find_user(session, "ana").role, find_user(session, "ana").disabled_at) == ("admin", None)


def test_a_role_changes_and_the_log_says_from_what_to_what(sessions, admin, ana):
    add_user(sessions, admin, "vera", PASSWORD, Role.VIEWER)
    set_role(sessions, admin, "vera", Role.OPERATOR)
    with sessions() as session:
        assert [user.role for user in users(session)] == ["admin", "operator"]
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "operator"})


def test_who_is_disabled_is_out_at_once_and_may_be_let_in_again(sessions, admin, ana):
    add_user(sessions, admin, "vera", PASSWORD, Role.VIEWER)
    token = signed_in(sessions, "vera")
    disable_user(sessions, admin, "vera", now=NOON)
    assert user_of(sessions, token, now=NOON, idle=DAY) is None
    with pytest.raises(NotSignedIn):
        signed_in(sessions, "vera")
    enable_user(sessions, admin, "vera")
    assert signed_in(sessions, "vera")


def test_a_new_password_ends_every_session(sessions, admin, ana):
    token = signed_in(sessions)
    set_password(sessions, admin, "ana", "another good one", now=NOON)
    assert user_of(sessions, token, now=NOON, idle=DAY) is None
    assert signed_in(sessions, password="another good one")


def test_for_a_password_of_ones_own_the_current_one_is_needed(sessions, ana):
    ana_herself = Actor("user:ana", Role.ADMIN)
    with pytest.raises(NotSignedIn, match="current password"):
        set_password(sessions, ana_herself, "ana", "another good one", current="wrong", now=NOON)
    set_password(sessions, ana_herself, "ana", "another good one", current=PASSWORD, now=NOON)


def test_a_current_password_is_not_found_out_by_trying(sessions, ana):
    ana_herself = Actor("user:ana", Role.ADMIN)

    def change(current, now=NOON):
        set_password(sessions, ana_herself, "ana", "another good one", current=current, now=now)

    for _ in range(FREE_TRIES):
        with pytest.raises(NotSignedIn, match="current password"):
            change("wrong")
    with pytest.raises(Throttled, match="try again in 2 s"):
        change(PASSWORD)
    # They count at the sign-in, too: it is the same password.
    with pytest.raises(Throttled):
        signed_in(sessions)
    change(PASSWORD, NOON + timedelta(seconds=3))
    assert signed_in(sessions, password="another good one")


def test_an_unknown_user_is_named_with_the_nearest(sessions, admin, ana):
    with pytest.raises(NotFound, match="did you mean ana"):
        set_role(sessions, admin, "anna", Role.VIEWER)
