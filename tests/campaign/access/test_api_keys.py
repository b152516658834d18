"""API keys: shown once, ending, revocable."""

from datetime import timedelta

import pytest

from campaign.access.api_keys import actor_of_key, create_key, keys, revoke_key
from campaign.errors import Conflict, Forbidden, NotFound, NotSignedIn, UsageError
from models.access import Role
from tests.factories import NOON


def test_a_key_acts_in_its_name_with_its_role(sessions, admin):
    key = create_key(sessions, admin, "crm", Role.OPERATOR)
    actor = actor_of_key(sessions, key, now=NOON)
    assert (actor.name, actor.role) == ("key:crm", Role.OPERATOR)


def test_the_key_itself_is_not_kept_but_can_be_told_from_others(sessions, admin):
    key = create_key(sessions, admin, "crm", Role.VIEWER)
    with sessions() as session:
        (kept,) = keys(session)
    assert key.startswith(kept.hint)
    assert key not in (kept.key_sha256, kept.hint)


def test_a_revoked_an_expired_and_an_unknown_key_are_refused(sessions, admin):
    gone = create_key(sessions, admin, "crm", Role.VIEWER)
    revoke_key(sessions, admin, "crm", now=NOON)
    short = create_key(sessions, admin, "trial", Role.VIEWER, expires_at=NOON)
    for key, why in ((gone, "revoked"), (short, "expired"), ("ck_unknown", "not known"), ("", "not known")):
        with pytest.raises(NotSignedIn, match=why):
            actor_of_key(sessions, key, now=NOON + timedelta(seconds=1))


def test_a_key_needs_a_name_of_its_own(sessions, admin):
    create_key(sessions, admin, "crm", Role.VIEWER)
    with pytest.raises(Conflict, match="crm already"):
        create_key(sessions, admin, "crm", Role.VIEWER)
    with pytest.raises(UsageError):
        create_key(sessions, admin, " ", Role.VIEWER)
    with pytest.raises(NotFound, match="did you mean crm"):
        revoke_key(sessions, admin, "crn", now=NOON)


def test_only_an_admin_makes_keys(sessions, operator):
    with pytest.raises(Forbidden):
        create_key(sessions, operator, "crm", Role.ADMIN)
