"""Paths, and how answers go out."""

import pytest

from sandbox.app import create_app
from sandbox.server import running
from tests.sandbox.client import CLOUD_KEY, NUMBER, Client, message


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/v23.0/messages"),
        ("POST", f"/{NUMBER}/messages"),
        ("POST", "/v9/messages"),
        ("GET", "/favicon.ico"),
    ],
)
def test_a_path_of_nobody_is_not_found(client: Client, method: str, path: str) -> None:
    answer = client.http.request(method, path, headers=CLOUD_KEY)
    assert answer.status_code in (401, 404)
    assert "error" in answer.json() or "meta" in answer.json()


def test_a_connection_is_kept_for_the_next_request(client: Client) -> None:
    ports = set()
    for number in range(5):
        answer = client.send(f"+52555560{number:04d}")
        ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(ports) == 1


@pytest.mark.parametrize("version", ["v16.0", "v22.0", "v23.0", "v25", "v26.0"])
def test_every_version_of_graph_is_served(client: Client, version: str) -> None:
    assert client.send("+525555610001", version=version).status_code == 200


def test_a_body_in_pieces_is_read_whole(client: Client) -> None:
    body = client.http.build_request("POST", "/", json=message("+525555620001")).content
    pieces = (body[start : start + 50] for start in range(0, len(body), 50))
    answer = client.http.post(f"/v23.0/{NUMBER}/messages", content=pieces, headers=CLOUD_KEY)
    assert answer.status_code == 200


def test_an_app_has_a_config_of_its_own_or_the_default() -> None:
    assert create_app().platform.config.waba_id == "100000000000010"


def test_two_sandboxes_do_not_know_each_other() -> None:
    with running() as one, running() as other:
        first, second = Client(one.url), Client(other.url)
        first.accepted()
        assert len(first.entries()) == 1
        assert second.entries() == []
        first.http.close()
        second.http.close()
