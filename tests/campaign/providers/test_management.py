"""Answers to management requests, good and bad."""

import pytest

from campaign.errors import PlatformError
from campaign.providers.base import NotSent, Uncertain
from campaign.providers.management import read_json
from campaign.providers.transport import Answer

URL = "https://example.com/v1/configs"


@pytest.mark.parametrize("status", [200, 201])
def test_an_object_is_handed_on(status: int) -> None:
    assert read_json(Answer(status, b'{"success":true}', {}), URL) == {"success": True}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (NotSent("refused"), "cannot be reached .refused.; check the sender's base URL"),
        (Uncertain("no answer within 2 s"), "cannot be reached .no answer within 2 s."),
        (Answer(200, b"[]", {}), "answered HTTP 200: no reason given"),
        (Answer(200, b"<html>", {}), "answered HTTP 200"),
        (Answer(200, b"[" * 100_000, {}), "answered HTTP 200"),
        (Answer(202, b"{}", {}), "answered HTTP 202"),
        (Answer(400, b'{"meta":{"developerMessage":"lack of payment"}}', {}), "HTTP 400: lack of payment"),
        (Answer(401, b'{"error":{"code":190,"message":"expired"}}', {}), "HTTP 401: code 190, expired; check"),
    ],
)
def test_anything_else_is_an_error_in_words(answer: Answer | NotSent | Uncertain, words: str) -> None:
    with pytest.raises(PlatformError, match=words) as raised:
        read_json(answer, URL)
    assert str(raised.value).startswith(URL)
