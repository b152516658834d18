"""The distribution's Chromium, driven by Playwright. Nothing is downloaded; where it is missing, its name is told."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    f"no Chromium is installed (looked for {', '.join(NAMES)} on PATH), so the tests of the console in a real browser "
    "cannot run; install it, for example with apt-get install --no-install-recommends chromium"
)


def chromium_path() -> str | None:
    """Where Chromium is; None when it is not installed."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A running browser without a window.

    Playwright keeps an event loop running in this thread until the end of the block.
    """
    # Chromium refuses to lock itself in as root, and containers give it little shared memory.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*as_root, "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
