"""A draft that is ready to be made: a list that has arrived, a sender, a template, a person who drafts."""

from types import SimpleNamespace

import pytest

from campaign.access.drafts import find_draft, new_draft
from campaign.access.incoming import folder_of
from campaign.access.roles import Actor
from campaign.access.users import add_user
from campaign.drafting.content import DraftContent
from models.access import Role
from models.session import session_scope
from tests.factories import NOON, fiction_phone, grant, make_sender, make_template

ROOT = Actor("cli:root", Role.ADMIN)
OLGA = Actor("user:olga", Role.OPERATOR)
ID = "u" * 43
ROWS = "phone,name\n" + "".join(f"{fiction_phone(n)},Person {n}\n" for n in range(3)) + "12,Short\n"


@pytest.fixture
def upload(settings):
    """Puts a list where those that have arrived lie; its id."""

    def upload(text=ROWS, name="list.csv", id_=ID):
        place = folder_of(settings) / id_
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
        return id_

    return upload


@pytest.fixture
def desk(sessions, settings, upload):
    """Everything at hand: `desk.content` is the draft, `desk.id` its id, `desk.read()` what is kept of it."""
    add_user(sessions, ROOT, "olga", "correct horse battery", Role.OPERATOR)
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_template(session, sender)
        make_template(session, sender, language="es_MX")
        make_template(session, sender, "winter", status="PAUSED")
        make_template(session, sender, "cards", components=[{"type": "HOLOGRAM"}])
        grant(session, [fiction_phone(0), fiction_phone(2)])
    content = DraftContent(
        name="spring", upload=upload(), sender="shop", template="spring_sale", language="en_US", us_marketing=True,
        slots={"body.1": {"kind": "column", "column": "name"}, "body.2": {"kind": "constant", "text": "15%"}},
    )  # fmt: skip
    draft = new_draft(sessions, OLGA, content.as_json(), now=NOON)

    def read():
        with sessions() as session:
            return DraftContent.from_json(find_draft(session, draft.id).content)

    return SimpleNamespace(content=content, id=draft.id, read=read, by=OLGA, sessions=sessions, settings=settings)
