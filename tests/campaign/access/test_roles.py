"""Who may do what."""

import pytest

from campaign.access.roles import LEAST_ROLE, Act, Actor, at_the_shell
from campaign.errors import Forbidden
from models.access import Role


def test_every_act_has_its_least_role():
    assert set(LEAST_ROLE) == set(Act)


@pytest.mark.parametrize("act", Act)
def test_each_role_may_what_a_lesser_one_may(act):
    allowed = [Actor("user:ana", role).may(act) for role in Role]
    assert allowed == sorted(allowed), "once allowed, a greater role is allowed too"
    assert allowed[-1], "an admin may do everything"


def test_a_viewer_changes_nothing():
    changing = set(Act) - {Act.VIEW, Act.DOWNLOAD_REPORT, Act.SIGN_IN, Act.SET_OWN_PASSWORD, Act.SET_OWN_LANGUAGE}
    assert not [act for act in changing if Actor("user:vera", Role.VIEWER).may(act)]


def test_a_refusal_says_which_role_it_takes():
    with pytest.raises(Forbidden) as refused:
        Actor("user:olga", Role.OPERATOR).require(Act.ERASE)
    assert str(refused.value).startswith("olga is operator here and may not erase; that takes admin")


def test_whoever_has_the_shell_may_everything_and_is_named():
    actor = at_the_shell("root")
    assert (actor.name, actor.role) == ("cli:root", Role.ADMIN)
