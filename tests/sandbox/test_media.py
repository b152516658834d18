"""Uploads: types, sizes, how long an id lives."""

import time
from typing import Any

import httpx
import pytest

from sandbox.media import MediaShelf, read_form
from sandbox.refusals import Refusal
from tests.sandbox.client import CLOUD_KEY, D360_KEY, NUMBER, Client
from tests.sandbox.conftest import Start

DAY = 86_400.0


def upload(
    client: Client, *, path: str = f"/v23.0/{NUMBER}/media", key: dict[str, str] = CLOUD_KEY, **data: Any
) -> httpx.Response:
    form = {"messaging_product": "whatsapp", "type": "image/png", **data}
    return client.http.post(path, data=form, files={"file": ("a.png", b"\x89PNG\r\n--x\r\n", "image/png")}, headers=key)


def test_an_upload_is_found_by_its_id_and_can_be_deleted(client: Client) -> None:
    media_id = upload(client).json()["id"]
    shown = client.get(media_id).json()
    assert (shown["mime_type"], shown["file_size"]) == ("image/png", 11)
    assert shown["url"].endswith(media_id)
    assert client.http.delete(f"/v23.0/{media_id}", headers=CLOUD_KEY).json() == {"success": True}
    assert client.get(media_id).status_code == 400
    assert client.http.delete(f"/v23.0/{media_id}", headers=CLOUD_KEY).status_code == 400


def test_an_id_lives_30_days_at_meta_and_14_at_360dialog(start: Start) -> None:
    # Ten days pass in a second.
    client = start({"clock_factor": 10 * DAY})
    there = upload(client, path="/media", key=D360_KEY).json()["id"]
    here = upload(client).json()["id"]

    time.sleep(1.7)
    assert client.get(here).status_code == 200
    assert client.get(there).status_code == 400


@pytest.mark.parametrize("missing", ["messaging_product", "file"])
def test_a_form_without_its_fields_is_refused(client: Client, missing: str) -> None:
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    files = {"file": ("a.png", b"x", "image/png")}
    form.pop(missing, None)
    files.pop(missing, None)
    answer = client.http.post(
        f"/v23.0/{NUMBER}/media", data=form, files=files or {"other": ("a", b"x", "text/plain")}, headers=CLOUD_KEY
    )
    assert f"The parameter {missing} is required" in answer.text


@pytest.mark.parametrize(
    ("kind", "size", "code"),
    [
        ("image/png", 5 * 1024 * 1024, None),
        ("image/png", 5 * 1024 * 1024 + 1, 131053),
        ("video/mp4", 16 * 1024 * 1024 + 1, 131053),
        ("image/gif", 10, 100),
        ("application/pdf", 0, 131053),
    ],
)
def test_types_and_sizes_have_limits(kind: str, size: int, code: int | None) -> None:
    if code is None:
        assert MediaShelf().add(kind, bytes(size), 0.0, 30).size == size
        return
    with pytest.raises(Refusal) as refused:
        MediaShelf().add(kind, bytes(size), 0.0, 30)
    assert refused.value.code == code


def test_an_id_is_good_until_its_last_second() -> None:
    shelf = MediaShelf()
    media_id = shelf.add("image/png", b"x", 0.0, 30).media_id
    assert shelf.holds(media_id, 30 * DAY - 1)
    assert not shelf.holds(media_id, 30 * DAY)
    assert not shelf.holds("4711", 0.0)


def test_a_file_arrives_byte_for_byte() -> None:
    content = bytes(range(256)) * 3 + b"\r\n--other\r\n\r\n"
    request = httpx.Request(
        "POST", "http://x", data={"type": "image/png"}, files={"file": ("a b.png", content, "image/png")}
    )
    form = read_form(request.read(), request.headers["content-type"])
    assert form["file"] == (content, "image/png")
    assert form["type"].content == b"image/png"


def test_what_is_no_form_has_no_fields() -> None:
    assert read_form(b"{}", "application/json") == {}
    assert read_form(b"rubbish", "multipart/form-data; boundary=x") == {}
