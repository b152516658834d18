"""Every page by the rules of axe, in light and in dark, and as wide as a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.places import PATHS, PLAIN, address_of
from tests.browser.walk import begin, choose_message, choose_region, go_on, launch_button, settled

GRAVE = {"serious", "critical"}
AXE = Axe()

# A new campaign leads on to its draft, which is a page of its own.
EVERY = [*PLAIN, *(path for path in PATHS if path != "/campaigns/new")]


def complaints(page, part=None):
    """What axe finds grave in a page or a part of it, one line for each element."""
    found = AXE.run(page, context=part).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found
        for node in violation["nodes"]
        if violation["impact"] in GRAVE
    ]


def found_wrong(page):
    """What is grave in light and in dark, and whether a phone would have to scroll sideways."""
    settled(page)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(100)
        found += [f"{scheme}: {complaint}" for complaint in complaints(page)]
    page.set_viewport_size(PHONE)
    if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
        found.append("too wide for a phone")
    page.set_viewport_size(DESK)
    return found


@pytest.mark.parametrize("path", EVERY)
def test_a_page_passes_axe_in_light_and_in_dark_and_fits_a_phone(path, room, signed_in):
    page = signed_in("admin")
    page.goto(address_of(path, room))
    wrong = found_wrong(page)
    assert not wrong, "\n".join(wrong)


def test_on_a_phone_the_calendar_is_a_list_by_day(room, signed_in):
    page = signed_in("viewer", viewport=PHONE)
    page.goto("/schedules")
    settled(page)
    expect(page.locator(".calendar-days")).to_be_visible()
    expect(page.locator(".calendar")).to_be_hidden()
    # Nothing in it is dragged sideways, the page as little as a part of it.
    dragged = "each => getComputedStyle(each).overflowX === 'auto' && each.scrollWidth > each.clientWidth"
    parts = f"[...document.querySelectorAll('.content *')].filter({dragged}).map(each => each.className)"
    assert page.evaluate(parts) == []
    assert complaints(page) == []
    page.set_viewport_size(DESK)
    expect(page.locator(".calendar")).to_be_visible()
    expect(page.locator(".calendar-days")).to_be_hidden()


def test_so_does_every_step_of_a_new_campaign(signed_in):
    page = signed_in()
    begin(page, "looked at by axe")
    choose_region(page)
    wrong = found_wrong(page)
    choose_message(page)
    wrong += found_wrong(page)
    for step in ("when", "people", "launch"):
        go_on(page, step)
        wrong += found_wrong(page)
    launch_button(page).click()
    page.get_by_role("dialog").wait_for()
    page.wait_for_timeout(300)
    wrong += complaints(page, ".q-dialog")
    assert not wrong, "\n".join(wrong)


def test_the_check_would_see_what_is_wrong(window):
    page = window(viewport=DESK).new_page()
    page.goto("/login")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<input style=\"width:2000px\"><img src=/look/mark.svg>')"
    )
    assert len(complaints(page)) >= 2
    assert page.evaluate("document.documentElement.scrollWidth") > DESK["width"]
