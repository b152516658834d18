"""Every page there is, found in the console's own files, with an address at which it has something to show."""

import re
from pathlib import Path

import console.web.pages
from campaign.access.drafts import new_draft
from campaign.access.roles import Actor
from models.access import Role
from models.template import Template
from tasks.wiring import utc_now
from tests.browser.console_room import ConsoleRoom
from tests.factories import fiction_phone

FOLDER = Path(console.web.pages.__file__).parent
PATHS = sorted(
    {path for file in FOLDER.glob("*.py") for path in re.findall(r'^@page\("([^"]+)"', file.read_text(), re.M)}
)
PLAIN = ("/login", "/setup?token=none")


def address_of(path: str, room: ConsoleRoom) -> str:
    """The address of a page with its value filled in, as this engine knows it."""
    if "{" not in path:
        return path
    place = re.sub(r":\w+", "", path)
    assert place in VALUES, f"tests/browser/places.py does not know what to fill in at {place}"
    return re.sub(r"\{.*\}", str(VALUES[place](room)), place)


def _campaign(room: ConsoleRoom) -> int:
    found = room.ask("GET", "/campaigns", params={"search": "looked at"}).json()
    return int(found[0]["id"]) if found else room.campaign("looked at", 6, launch=True)


def _sequence(room: ConsoleRoom) -> int:
    found = [line for line in room.ask("GET", "/sequences").json() if line["name"] == "followed"]
    return int(found[0]["id"]) if found else room.sequence("followed", 6, launch=True)


def _draft(room: ConsoleRoom) -> int:
    room.user("some-admin", "admin")
    return new_draft(room.sessions, Actor("user:some-admin", Role.ADMIN), {}, now=utc_now()).id


def _template(room: ConsoleRoom) -> int:
    with room.sessions() as session:
        return session.query(Template.id).filter_by(name="spring_sale").order_by(Template.id).limit(1).scalar()


def _person(room: ConsoleRoom) -> str:
    room.agree([fiction_phone(1)])
    return fiction_phone(1).lstrip("+")


VALUES = {
    "/campaigns/{id}": _campaign,
    "/campaigns/new/{id}": _draft,
    "/contacts/{phone}": _person,
    "/sequences/{id}": _sequence,
    "/senders/{name}": lambda room: "sandbox",
    "/templates/{id}": _template,
}
