"""How a page gets on the map."""

import pytest

from campaign.access.roles import Act
from campaign.errors import NotFound
from console.web.page import page
from console.web.parts import text


@pytest.fixture(scope="module", autouse=True)
def _pages(console):
    """A page for admins, and one of something that is not there."""

    @page("/test-of-pages/{thing}", "users.title", Act.MANAGE_USERS)
    async def _for_admins(visit):
        text(f"a secret about {visit.path['thing']}, {visit.query.get('tab')}")

    @page("/test-of-nothing", "campaigns.title")
    async def _nothing(visit):
        raise NotFound("there is no such thing; look in the list")


def test_whoever_has_not_signed_in_goes_there_and_comes_back(client):
    answer = client.get("/test-of-pages/one?tab=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Ftest-of-pages%2Fone%3Ftab%3D2")


def test_a_page_gets_the_values_of_its_address(see):
    assert "a secret about one, 2" in see("/test-of-pages/one?tab=2", "admin")


def test_a_role_that_may_not_see_a_page_is_told_so_and_sees_nothing_of_it(see):
    seen = see("/test-of-pages/one", "viewer")
    assert "You are signed in as viewer and may not see this page." in seen
    assert "a secret" not in seen


def test_what_is_not_there_is_said_in_the_page(see):
    assert "there is no such thing; look in the list" in see("/test-of-nothing")
