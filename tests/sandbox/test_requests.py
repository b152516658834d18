"""A request as endpoints see it."""

import pytest

from sandbox.refusals import Refusal
from sandbox.requests import Request, make_request


def request(query: str = "", body: bytes = b"") -> Request:
    scope = {"method": "GET", "path": "/x", "query_string": query.encode(), "headers": [(b"host", b"shop.example:8")]}
    return make_request(scope, body, 0.0)


def test_a_query_is_decoded() -> None:
    assert request("name=a%20b&status=").query == {"name": "a b", "status": ""}


def test_a_link_is_spelt_as_the_client_spelt_us() -> None:
    assert request().base_url == "http://shop.example:8"


def test_an_empty_body_is_an_empty_object() -> None:
    assert request().json() == {}
    assert request(body=b'{"a": 1}').json() == {"a": 1}


@pytest.mark.parametrize("body", [b"[]", b"{", b"3"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        request(body=body).json()


@pytest.mark.parametrize(("query", "number"), [("", 25), ("limit=3", 3), ("limit=0", 1), ("limit=9999", 100)])
def test_a_number_is_kept_in_its_bounds(query: str, number: int) -> None:
    assert request(query).number("limit", 25, 100) == number


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal, match="limit"):
        request("limit=many").number("limit", 25, 100)
