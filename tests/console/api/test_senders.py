"""`/senders` and `/templates`."""

from models.session import session_scope
from tests.factories import make_sender, make_template


def test_senders_and_templates_are_listed_without_secrets(ask, sessions):
    with session_scope(sessions) as session:
        template = make_template(session, make_sender(session)).id
    (sender,) = ask("GET", "/senders").json()
    assert (sender["name"], [name for name in sender if "token" in name or "secret" in name]) == ("shop", [])
    assert ask("GET", "/senders/shop").json() == sender
    (listed,) = ask("GET", "/templates?sender=shop").json()
    assert ask("GET", f"/templates/{template}").json() == listed
    assert listed["sendable"] is True
    assert ask("GET", "/templates/999").status_code == 404
