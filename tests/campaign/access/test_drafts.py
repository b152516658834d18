"""Drafts: saved at every step, never overwritten unseen."""

import pytest

from campaign.access.drafts import drafts, find_draft, new_draft, save_draft, throw_away
from campaign.access.roles import Actor
from campaign.access.users import add_user
from campaign.errors import Conflict, Forbidden, NotFound
from models.access import Role
from tests.campaign.access.conftest import PASSWORD
from tests.factories import NOON


@pytest.fixture
def draft(sessions, admin, operator):
    for name in ("olga", "otto"):
        add_user(sessions, admin, name, PASSWORD, Role.OPERATOR)
    return new_draft(sessions, operator, {"name": "spring"}, now=NOON)


def test_each_save_raises_the_version(sessions, operator, draft):
    assert save_draft(sessions, operator, draft.id, 1, {"name": "summer"}, now=NOON) == 2
    with sessions() as session:
        assert find_draft(session, draft.id).content == {"name": "summer"}


def test_of_two_people_the_second_is_told_and_overwrites_nothing(sessions, operator, draft):
    save_draft(sessions, Actor("user:otto", Role.OPERATOR), draft.id, 1, {"name": "otto's"}, now=NOON)
    with pytest.raises(Conflict, match="otto changed this draft at 12:00 UTC"):
        save_draft(sessions, operator, draft.id, 1, {"name": "olga's"}, now=NOON)
    with sessions() as session:
        assert find_draft(session, draft.id).content == {"name": "otto's"}


def test_a_draft_is_listed_until_it_is_thrown_away(sessions, operator, draft):
    with sessions() as session:
        assert [one.id for one in drafts(session)] == [draft.id]
    throw_away(sessions, operator, draft.id)
    throw_away(sessions, operator, draft.id)
    with sessions() as session:
        assert drafts(session) == []
        with pytest.raises(NotFound, match="does not exist any more"):
            find_draft(session, draft.id)


def test_a_viewer_makes_none(sessions, viewer):
    with pytest.raises(Forbidden):
        new_draft(sessions, viewer, {}, now=NOON)
