"""Lists that can grow say where they go on, all in the same way."""

import pytest

from models.session import session_scope
from tests.factories import make_campaign, make_sender, make_template


@pytest.fixture
def five(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        for number in range(5):
            make_campaign(session, sender, template, f"campaign {number}")


def follow(ask, path, **more):
    """Every entry, by the links alone."""
    found, rounds = [], 0
    while path and rounds < 20:
        answer = ask("GET", path, **more)
        found += answer.json()
        link = answer.links.get("next", {}).get("url")
        path, rounds = link and link.removeprefix("/api/v1"), rounds + 1
    return found, rounds


def test_a_list_is_read_to_its_end_by_following_links(ask, five):
    found, rounds = follow(ask, "/campaigns?limit=2&search=campaign")
    assert [each["name"] for each in found] == [f"campaign {number}" for number in (4, 3, 2, 1, 0)]
    assert rounds == 3


def test_a_list_that_fits_has_no_next_page(ask, five):
    assert "link" not in ask("GET", "/campaigns?limit=5").headers


@pytest.mark.parametrize("path", ["/suppressions?limit=2", "/suppressions/history?limit=2", "/audit?limit=2"])
def test_lists_about_people_and_acts_are_paged_alike(ask, path):
    for number in range(5):
        ask("POST", "/suppressions", json={"phones": [f"+1201555010{number}"], "source": "letter"})
    found, rounds = follow(ask, path)
    assert len({each["id"] if "id" in each else each["phone_e164"] for each in found}) == len(found) >= 5
    assert rounds >= 3
