"""The page on the API: its example verifies what the engine signs, and its operations exist."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaign.notices.events import NoticeEvent
from campaign.notices.retry import WAITS
from campaign.notices.signature import signed_headers
from console.api.app import PREFIX, create_api
from console.api.door import Door

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
SECRET, BODY = "a secret of sixteen and more", b'{"id":"evt_1"}'


@pytest.fixture(scope="module")
def is_ours():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    found: dict = {}
    exec(example, found)
    return found["is_ours"]


def test_the_example_takes_what_the_engine_signs(is_ours):
    headers = dict(signed_headers(SECRET, "evt_1", datetime.now(UTC), BODY))
    assert is_ours(headers, BODY, SECRET)


@pytest.mark.parametrize("change", ["body", "secret", "id", "age"])
def test_the_example_refuses_everything_else(is_ours, change):
    at = datetime.now(UTC) - timedelta(minutes=6 if change == "age" else 0)
    headers = dict(signed_headers(SECRET, "evt_1", at, BODY))
    headers["webhook-id"] = "evt_2" if change == "id" else "evt_1"
    body = b"{}" if change == "body" else BODY
    assert not is_ours(headers, body, "another secret, long enough" if change == "secret" else SECRET)


def test_every_event_and_the_number_of_waits_are_on_the_page():
    assert [event for event in NoticeEvent if f"`{event}`" not in PAGE] == []
    assert re.search(r"10 s, 1 min.*?given up", PAGE, re.DOTALL)[0].count(",") + 2 == len(WAITS) + 1


def test_the_operations_that_the_page_names_exist(settings):
    door = Door(None, settings, lambda: None, lambda sender: 1.0)  # type: ignore[arg-type]
    paths = create_api(door).openapi()["paths"]
    known = {re.sub(r"\{\w+\}", "1", path.removeprefix(PREFIX)) for path in paths}
    named = {re.sub(r"/\d+", "/1", path) for path in re.findall(r"\$API(/[a-z0-9/]+)", PAGE)}
    assert {path for path in named if path not in known and not path.startswith("/campaigns/1/reports/")} == set()
