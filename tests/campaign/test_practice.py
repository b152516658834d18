"""The number to practise with."""

from campaign.practice import practice_number
from campaign.senders import add_sender
from models.session import session_scope

ENVIRONMENT = {"SANDBOX_URL": "http://127.0.0.1:8001", "SANDBOX_TOKEN": "t", "SANDBOX_APP_SECRET": "s"}


def test_without_a_stand_in_there_is_nothing_to_practise_with():
    assert practice_number({}) is None
    assert practice_number({"SANDBOX_URL": ""}) is None


def test_it_is_a_number_that_can_be_added(sessions):
    with session_scope(sessions) as session:
        sender = add_sender(session, practice_number(ENVIRONMENT), environment=ENVIRONMENT)
    assert (sender.name, sender.base_url, sender.rate_mps) == ("sandbox", "http://127.0.0.1:8001/v23.0", 20)
