"""The page of one campaign as it is first sent; what follows live is shown in tests/browser."""

import pytest

from models import AudienceImport
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

HOSTILE = '<script>alert("x")</script> ‮evil ' + "x" * 10_000


@pytest.fixture
def made(sessions):
    """Makes a campaign of three messages and a refused row; its id."""

    def made(name="spring", **given):
        with session_scope(sessions) as session:
            sender = make_sender(session)
            campaign = make_campaign(session, sender, make_template(session, sender), name, **given)
            make_messages(session, campaign, 2)
            make_messages(session, campaign, 1, first=2, state="read", accepted_at=NOON, read_at=NOON)
            session.add(
                AudienceImport(
                    campaign_id=campaign.id, file_name="list.csv", sha256="0" * 64, columns=["phone"],
                    phone_column="phone", row_count=4, message_count=3, rejected_count=1,
                )
            )  # fmt: skip
            return campaign.id

    return made


def buttons(seen):
    return {element["props"].get("label") for element in seen.find("q-btn")} - {None}


def test_it_says_at_once_what_the_campaign_is_doing_and_counts_that_add_up(see, made):
    seen = see(f"/campaigns/{made()}")
    assert "Sending: 2 people are still to be written to." in seen
    assert "4 rows = 1 refused + 3 messages." in seen
    assert {"Pause", "Cancel campaign"} <= buttons(seen)


def test_reports_of_every_kind_are_a_link_away(see, made):
    id_ = made()
    links = see(f"/campaigns/{id_}").links()
    kinds = ("recipients", "summary", "errors", "rejected", "replies")
    assert {f"/api/v1/campaigns/{id_}/reports/{kind}" for kind in kinds} <= links


def test_a_viewer_sees_it_all_and_may_do_none_of_it(see, made):
    seen = see(f"/campaigns/{made()}", "viewer")
    assert "4 rows = 1 refused + 3 messages." in seen
    assert not {"Pause", "Cancel campaign"} & buttons(seen)


@pytest.mark.parametrize("id_", ["404", "99999999999999999999999"])
def test_one_that_does_not_exist_is_said_not_to(see, id_):
    seen = see(f"/campaigns/{id_}")
    assert "there is no campaign" in seen or "does not exist any more" in seen


def test_a_hostile_name_is_text(see, made):
    seen = see(f"/campaigns/{made(HOSTILE)}")
    assert "<script>alert" in seen
    assert not any("<script>alert" in markup for markup in seen.markup)


def test_a_draft_offers_its_launch(see, made):
    seen = see(f"/campaigns/{made(state='draft', launched_at=None)}")
    assert "nothing is sent before it is launched" in seen
    assert {"Launch", "Delete this draft"} <= buttons(seen)
