"""Takes the pictures of docs/console.md: .venv/bin/python -m docs.make_pictures

A console on an engine of its own, with the stand-in instead of WhatsApp, shows a campaign to `samples/contacts.csv`
from its first step to its end, beside a larger one to phones of fiction.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from console.api.door import COOKIE
from tests.browser import walk
from tests.browser.chromium import MISSING, chromium, chromium_path
from tests.browser.console_room import ConsoleRoom, console_room
from tests.factories import fiction_phone

FOLDER = Path(__file__).with_name("pictures")
SIZE = {"width": 1280, "height": 860}
LARGEST_BYTES = 150_000
PEOPLE = 900
NAMES = ("Ana", "Bruno", "Carla", "Diego", "Elena", "Felipe", "Gabriela", "Hugo")


def main() -> int:
    """Take every picture; the exit code."""
    path = chromium_path()
    if path is None:
        sys.stderr.write(f"Error: {MISSING}\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with console_room(Path(folder) / "home", "demo", rate=12) as room, chromium(path) as browser:
            take_pictures(room, browser)
    return report()


def take_pictures(room: ConsoleRoom, browser: Browser) -> None:
    """A campaign from its list to its end, and the other pages."""
    room.campaign("Winter thanks", 60, launch=True, csv=some_list(60))
    page = signed_in(room, browser)
    walk.begin(page, "Spring sale")
    walk.choose_region(page)
    take(page, "list")
    walk.choose_message(page)
    take(page, "message")
    walk.go_on(page, "when")
    take(page, "when")
    walk.go_on(page, "people")
    expect(page.get_by_text(walk.W("wizard.download_refused"))).to_be_visible()
    take(page, "people")
    walk.go_on(page, "launch")
    take(page, "launch")
    walk.launch(page)
    ended = page.url
    page.goto(f"/campaigns/{room.campaign('April news', PEOPLE, launch=True, csv=some_list(PEOPLE))}")
    page.wait_for_timeout(30_000)
    take(page, "running")
    page.goto(ended)
    expect(page.locator(".standing .chip")).to_have_text(walk.W("state.completed"), timeout=90_000)
    take(page, "completed")
    for name, path in {"campaigns": "/", "senders": "/senders/sandbox", "templates": "/templates"}.items():
        page.goto(path)
        take(page, name)
    page.goto(f"/contacts/{fiction_phone(1).lstrip('+')}")
    take(page, "person")


def signed_in(room: ConsoleRoom, browser: Browser) -> Page:
    """A page of an operator in light."""
    context = browser.new_context(
        viewport=SIZE, locale="en-US", base_url=room.url, color_scheme="light", reduced_motion="reduce"
    )
    context.add_cookies([{"name": COOKIE, "value": room.token("ana", "operator"), "url": room.url}])
    return context.new_page()


def take(page: Page, name: str) -> None:
    """One picture of what is to be seen, once nothing is on its way any more."""
    walk.settled(page)
    page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")
    page.wait_for_timeout(1000)
    page.screenshot(path=FOLDER / f"{name}.png")


def some_list(people: int) -> str:
    """A list of phones of fiction."""
    rows = (f"{fiction_phone(number)},{NAMES[number % len(NAMES)]}\n" for number in range(people))
    return "phone,name\n" + "".join(rows)


def report() -> int:
    """Say what was taken; 1 when a picture is too large to be kept."""
    large = [path.name for path in sorted(FOLDER.glob("*.png")) if path.stat().st_size > LARGEST_BYTES]
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}\n")
    if large:
        sys.stderr.write(f"Error: {', '.join(large)} larger than {LARGEST_BYTES} bytes; show less in them\n")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
