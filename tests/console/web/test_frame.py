"""What every page stands in."""

import re

import pytest

from campaign.access.roles import Act, Actor
from console.web.frame import PLACES
from console.web.pages import __path__ as PAGES
from models.access import Role


@pytest.mark.parametrize("role", Role)
def test_the_menu_shows_what_a_role_may_see(see, role):
    allowed = {place.path for place in PLACES if Actor("user:x", role).may(place.act)}
    assert see("/", role).links() & {place.path for place in PLACES} == allowed
    assert ("/users" in allowed) == Actor("user:x", role).may(Act.MANAGE_USERS)


def test_a_page_says_where_one_is_and_who_one_is(see):
    page = see("/", "viewer")
    here = page.find("nicegui-link", **{"aria-current": "page"})
    assert [link["props"]["href"] for link in here] == ["/"]
    assert re.search(r"some-viewer-\d+ · viewer", page.text)


def test_a_page_has_one_heading_one_main_part_and_a_way_to_it(see):
    page = see("/")
    assert [element["props"]["innerHTML"] for element in page.find("h1")] == ["Campaigns"]
    assert len(page.find("main", id="content")) == len(page.find("q-page", role="presentation")) == 1
    assert "#content" in page.links()
    assert page.find("nav", **{"aria-label": "Pages"})


def test_signing_out_is_a_form_that_no_link_can_press(see):
    assert see("/").find("form", method="post", action="/logout")


def test_every_entry_of_the_menu_has_an_address_of_its_own():
    assert len({place.path for place in PLACES}) == len(PLACES)
    assert PAGES
