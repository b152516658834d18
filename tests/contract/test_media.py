"""Uploads in the three dialects: the platform takes the file and then a message that shows it."""

from datetime import timedelta

import pytest

from campaign.errors import PlatformError
from campaign.providers.media import cloud_upload, d360_upload, onprem_upload
from campaign.providers.transport import Wire
from tests.contract.conftest import NUMBER, TOKEN, Bound

JPEG = b"\xff\xd8\xff\xe0\r\n--not-the-boundary\r\n" + bytes(range(256))


def door(bound: Bound, settings, token=TOKEN):
    wire, url = Wire(settings), bound.client.url
    match bound.dialect:
        case "cloud":
            return cloud_upload(wire, base_url=f"{url}/v23.0", token=token, phone_number_id=NUMBER)
        case "d360":
            return d360_upload(wire, base_url=url, api_key=token)
    return onprem_upload(wire, base_url=f"{url}/v1", api_key=token)


async def test_a_file_is_taken_and_can_be_sent(bound: Bound, settings) -> None:
    place = door(bound, settings)
    try:
        media_id, keeps = await place.upload('spr"ing\r\n.jpg', "image/jpeg", JPEG)
    finally:
        await place.aclose()
    assert keeps == timedelta(days=30 if bound.dialect == "cloud" else 14)
    bound.client.control("templates", PICTURE)
    header = {"type": "header", "parameters": [{"type": "image", "image": {"id": media_id}}]}
    await bound.provider.send(bound.message(name="picture", components=[header]))
    assert bound.entry()["outcome"] == "accepted"


@pytest.mark.parametrize(
    ("mime", "content", "token"), [("text/x-c", JPEG, TOKEN), ("image/jpeg", b"", TOKEN), ("image/jpeg", JPEG, "no")]
)
async def test_a_refusal_is_an_error_in_words(bound: Bound, settings, mime, content, token) -> None:
    place = door(bound, settings, token)
    try:
        with pytest.raises(PlatformError, match="answered HTTP 4"):
            await place.upload("a.jpg", mime, content)
    finally:
        await place.aclose()


PICTURE = {
    "name": "picture",
    "language": "en_US",
    "category": "UTILITY",
    "components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Your invoice."}],
}
