"""Walking through the console as a person does: what is pressed and filled in, by the words that stand there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from console.web.texts import Words
from tests.browser.console_room import CONTACTS

W = Words("en")
TEMPLATE = re.compile("spring_sale.*es_MX")


_QUIET = """() => new Promise((done) => {
    let timer = setTimeout(done, 400);
    const again = () => { clearTimeout(timer); timer = setTimeout(done, 400); };
    new MutationObserver(again).observe(document.body, {childList: true, subtree: true});
    setTimeout(done, 5000);
})"""


def settled(page: Page) -> None:
    """Wait until a page stands: its heading, its letters, and nothing that is still being drawn."""
    page.get_by_role("heading", level=1).wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate(_QUIET)


def press(place: Page | Locator, label: str) -> None:
    """Press the button of a name."""
    place.get_by_role("button", name=label, exact=True).click()


def upload(page: Page, file: Path) -> None:
    """Choose a file for the first place that takes one."""
    page.locator("input[data-upload]").first.set_input_files(file)


def go_on(page: Page, step: str) -> None:
    """Go to the next step, and be there."""
    press(page, W("wizard.forth", step=W(f"wizard.step_{step}")))
    at_step(page, step)


def at_step(page: Page, step: str) -> None:
    """Wait until a step is shown."""
    expect(page.locator("button[aria-current=step]")).to_contain_text(W(f"wizard.step_{step}"))


@contextmanager
def saving(page: Page) -> Iterator[None]:
    """Change something in the block, and wait until the draft says anew that it is saved."""
    page.evaluate("document.querySelectorAll('.step-foot .hint').forEach(told => told.classList.add('said-before'))")
    yield
    expect(page.locator(".step-foot .hint:not(.said-before)")).to_have_text(W("wizard.saved"))


def begin(page: Page, name: str, file: Path = CONTACTS) -> None:
    """A new draft with a list and a name, at its first step."""
    page.goto("/campaigns/new")
    page.wait_for_url(re.compile(r"/campaigns/new/\d+"))
    upload(page, file)
    expect(page.get_by_role("table")).to_be_visible()
    rename(page, name)


def rename(page: Page, name: str) -> None:
    """Call the draft something else."""
    with saving(page):
        page.get_by_label(W("wizard.name"), exact=True).fill(name)


def choose_message(page: Page, template: "re.Pattern[str]" = TEMPLATE, code: str = "offer_code") -> None:
    """From the list to the message: a template, whose first value is guessed from the columns, and its second value."""
    go_on(page, "message")
    page.get_by_role("button", name=template).click()
    expect(page.get_by_role("button", name=template)).to_have_attribute("aria-pressed", "true")
    second = page.get_by_role("group").filter(has_text="{{2}}").last
    second.get_by_label(W("wizard.column"), exact=True).click()
    with saving(page):
        page.get_by_role("option", name=code, exact=True).click()


def choose_region(page: Page, country: str = "Mexico") -> None:
    """The country of phones that are written without one."""
    region = page.get_by_label(W("wizard.region"), exact=True)
    region.fill(country)
    page.get_by_role("option", name=country).first.click()


def to_launch(page: Page) -> None:
    """From the message to the last step, over what the others suggest."""
    go_on(page, "when")
    go_on(page, "people")
    go_on(page, "launch")


def launch_button(page: Page) -> Locator:
    """The button that launches, whatever it is called for this size and time."""
    return page.locator(".launch-card").get_by_role("button")


def launch(page: Page) -> None:
    """Press it, say that one is sure, and be on the campaign's page."""
    launch_button(page).click()
    press(page.get_by_role("dialog"), W("wizard.yes_launch"))
    page.wait_for_url(re.compile(r"/campaigns/\d+$"))
