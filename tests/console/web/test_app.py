"""The console as an application."""

import re

import pytest

from campaign.errors import ConfigurationError
from campaign.settings import Settings
from console.api.app import PREFIX
from console.web.app import LOOK, open_door
from console.web.gate import HEADERS
from tests.factories import NOON


def test_a_door_wants_named_stores():
    with pytest.raises(ConfigurationError, match="CAMPAIGN_DATABASE_URL or CAMPAIGN_REDIS_URL is not set"):
        with open_door(Settings(_env_file=None)):
            pass


def test_a_door_opens_on_the_stores_of_the_settings(settings):
    with open_door(settings) as door:
        assert door.settings is settings
        assert door.clock() > NOON.replace(year=2000)
        with door.sessions() as session:
            assert session.is_active


@pytest.mark.parametrize("path", ["/healthz", "/login", "/look/console.css"])
def test_what_needs_no_session_is_there_for_everybody(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/users", "/no-such-page"])
def test_everything_else_asks_who_one_is(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


def test_the_api_asks_for_itself(client):
    assert client.get(f"{PREFIX}/campaigns").status_code == 401
    assert client.get(f"{PREFIX}/openapi.json").status_code == 200


@pytest.mark.parametrize("path", ["/", "/login"])
def test_every_answer_tells_browsers_what_not_to_do(client, see, path):
    see("/")
    answer = client.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)


def test_the_look_takes_nothing_from_elsewhere():
    for file in LOOK.iterdir():
        assert not re.search(r"(?:url\(|src=|@import)\s*[\"']?(?:https?:)?//", file.read_text("utf-8")), file.name


def test_both_lights_name_the_same_colours():
    """A colour that is missing in the dark would be the light one there."""
    style = (LOOK / "console.css").read_text("utf-8")
    light, dark = (set(re.findall(r"(--[a-z-]+):", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)[:2])
    assert light - dark == {"--radius", "--font"}
    assert dark <= light
