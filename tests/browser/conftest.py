"""The console in a real browser: one engine for the run, one browser for each module, one window for each test.

The browser ends with its module, since Playwright keeps an event loop running and other tests start loops of their own.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from console.api.door import COOKIE
from tests.browser.chromium import MISSING, chromium, chromium_path
from tests.browser.console_room import ConsoleRoom, console_room

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 15_000
"""Two cores carry a database, a broker, five workers and a browser."""

SignIn = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium_installed() -> str:
    """The path of Chromium. Where nobody watches, tests that cannot run have failed."""
    path = chromium_path()
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    return str(path)


@pytest.fixture(scope="session")
def room(chromium_installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleRoom]:
    with console_room(tmp_path_factory.mktemp("console") / "home") as room:
        yield room


@pytest.fixture(scope="module")
def browser(chromium_installed: str) -> Iterator[Browser]:
    with chromium(chromium_installed) as browser:
        yield browser


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What went wrong inside the pages of a test; there is to be nothing."""
    found: list[str] = []
    yield found
    assert not found, found


@pytest.fixture
def window(browser: Browser, room: ConsoleRoom, faults: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows that share nothing: `window(viewport=PHONE, color_scheme="dark")`."""
    opened: list[BrowserContext] = []

    def open_one(**how: object) -> BrowserContext:
        told = {"viewport": DESK, "locale": "en-US", "base_url": room.url, "reduced_motion": "reduce"}
        context = browser.new_context(**told | how)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda message: _note_refusal(message.text, faults))
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


def _note_refusal(text: str, faults: list[str]) -> None:
    if "Content Security Policy" in text:
        faults.append(text)


@pytest.fixture
def signed_in(window: Callable[..., BrowserContext], room: ConsoleRoom) -> SignIn:
    """A page of somebody who has signed in: `signed_in("viewer")`, `signed_in("operator", "olga", viewport=PHONE)`."""

    def open_page(role: str = "operator", name: str | None = None, **how: object) -> Page:
        context = window(**how)
        token = room.token(name or f"some-{role}", role)
        context.add_cookies([{"name": COOKIE, "value": token, "url": room.url}])
        return context.new_page()

    return open_page
