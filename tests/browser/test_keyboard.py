"""A campaign from the upload to its launch without a mouse: Tab, arrows, Space and Enter are enough."""

import re

from playwright.sync_api import expect

from tests.browser.console_room import CONTACTS
from tests.browser.walk import W, at_step, saving

FOCUSED = "([selector, text]) => { const at = document.activeElement; return at.matches(selector)" + (
    " && (at.closest('fieldset') || at).textContent.includes(text); }"
)


def tab_to(page, selector, text="", most=150):
    """Press Tab until something has the focus; it must come within so many."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, [selector, text]):
            return
    raise AssertionError(f"Tab does not come to {selector} {text}")


def press(page, selector, text="", key="Enter"):
    tab_to(page, selector, text)
    page.keyboard.press(key)


def go_on(page, step):
    # While a step is being drawn or saved there is nothing to come to; pressing Tab does not wait for it.
    expect(page.locator(".nav-row .primary")).to_be_visible()
    expect(page.locator(".nav-row .primary")).to_be_enabled()
    press(page, ".nav-row .primary")
    at_step(page, step)


def focus_stays(page, selector, text=""):
    """What was chosen has been drawn anew, and the keyboard is still there."""
    page.wait_for_function(FOCUSED, arg=[selector, text])


def choose(page, label, option, text=""):
    """Choose in a list that opens: type where that searches, then go down to it."""
    tab_to(page, f"input[aria-label='{label}']", text)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    for _ in range(60):
        if option in page.evaluate("document.querySelector('.q-manual-focusable--focused')?.textContent || ''"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option")).to_have_count(0)


def test_the_keyboard_alone_leads_from_the_upload_to_the_launch(room, signed_in):
    page = signed_in()
    page.goto("/")
    press(page, "a.button.primary")
    page.wait_for_url(re.compile(r"/campaigns/new/\d+"))
    with page.expect_file_chooser() as chooser:
        press(page, "input[data-upload]")
    chooser.value.set_files(CONTACTS)
    expect(page.get_by_role("table")).to_be_visible()
    tab_to(page, f"input[aria-label='{W('wizard.name')}']")
    with saving(page):
        page.keyboard.press("Control+A")
        page.keyboard.type("by keyboard")
    with saving(page):
        tab_to(page, f"input[aria-label='{W('wizard.region')}']")
        page.keyboard.type("Mexico")
        expect(page.get_by_role("option", name="Mexico").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    # The list is looked at anew for the country, and all about it is drawn again.
    focus_stays(page, f"input[aria-label='{W('wizard.region')}']")
    go_on(page, "message")
    expect(page.get_by_role("button", name=re.compile("^new_arrivals"))).to_be_visible()
    tab_to(page, "button[aria-pressed]", "es_MX")
    page.keyboard.press("Space")
    expect(page.locator("button[aria-pressed=true]")).to_contain_text("es_MX")
    focus_stays(page, "button[aria-pressed=true]", "es_MX")
    with saving(page):
        choose(page, W("wizard.column"), "offer_code", "{{2}}")
    go_on(page, "when")
    go_on(page, "people")
    go_on(page, "launch")
    press(page, ".launch-card button")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, ".q-dialog .button.primary")
    page.wait_for_url(re.compile(r"/campaigns/\d+$"))
    assert room.launches("by keyboard") == 1


def test_the_focus_follows_what_is_drawn_anew_and_waits_beside_it_until_then(signed_in):
    page = signed_in("viewer")
    page.goto("/settings")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate(
        """() => {
            const place = document.createElement("div");
            place.id = "place";
            place.innerHTML = "<section><button>Other</button><button>One</button><button>One</button></section>";
            document.querySelector("main").append(place);
            place.querySelectorAll("button")[2].focus();
        }"""
    )
    page.evaluate("document.getElementById('place').replaceChildren()")
    page.wait_for_function("document.activeElement.id === 'place'")
    page.evaluate(
        """() => { document.getElementById("place").innerHTML =
            "<button>One</button><button id='second'>One</button><button>Other</button>"; }"""
    )
    page.wait_for_function("document.activeElement.id === 'second'")
