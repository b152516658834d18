"""A large launch wants a second person: one asks, another says yes, and nobody says yes to oneself."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_whole_campaign import state
from tests.browser.walk import W, press

LARGE = 1001
"""One more than the rooms of these tests let go without a second person, or without its name being typed."""


@pytest.fixture
def large(room):
    """Makes a campaign that wants a second person; what it was let go to send is taken back."""
    made = []

    def make(name):
        made.append(room.campaign(name, LARGE))
        return made[-1]

    yield make
    for id_ in made:
        room.ask("POST", f"/campaigns/{id_}/cancel")


def ask_for_launch(page, id_, name):
    page.goto(f"/campaigns/{id_}")
    press(page.locator(".acts"), W("campaign.act_launch"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=W("campaign.act_launch"), exact=True)).to_be_disabled()
    dialog.get_by_label(W("campaign.type_name", name=name)).fill(name)
    press(dialog, W("campaign.act_launch"))
    expect(page.get_by_text(W("campaign.done_asked"))).to_be_visible()


def test_an_operator_asks_an_approver_says_yes_and_the_campaign_starts(room, signed_in, large):
    id_ = large("two pairs of eyes")
    asking, approving = signed_in("operator", "olga"), signed_in("approver", "arturo")
    ask_for_launch(asking, id_, "two pairs of eyes")
    expect(asking.get_by_text(W("campaign.act_own_request"))).to_be_visible()
    expect(asking.locator(".acts").get_by_role("button", name=W("campaign.act_approve"))).to_have_count(0)
    assert room.ask("GET", f"/campaigns/{id_}").json()["line"]["state"] == "draft"
    approving.goto("/problems")
    problem = approving.locator(".problem", has_text="two pairs of eyes")
    expect(problem).to_contain_text("olga")
    problem.get_by_role("link", name=W("problems.open")).click()
    press(approving.locator(".acts"), W("campaign.act_approve"))
    dialog = approving.get_by_role("dialog")
    dialog.get_by_label(W("campaign.type_name", name="two pairs of eyes")).fill("two pairs of eyes")
    press(dialog, W("campaign.act_approve"))
    expect(state(approving, "running")).to_be_visible()
    # The page of who asked follows by itself.
    expect(state(asking, "running")).to_be_visible()
    told = room.ask("GET", "/audit", params={"subject": "campaign:two pairs of eyes"}).json()
    assert [(each["act"], each["actor"]) for each in reversed(told)][-2:] == [
        ("launch", "user:olga"), ("approve", "user:arturo"),
    ]  # fmt: skip


def test_who_may_approve_does_not_approve_what_they_asked_for_themselves(room, signed_in, large):
    id_ = large("one pair of eyes")
    page = signed_in("approver", "arturo")
    ask_for_launch(page, id_, "one pair of eyes")
    expect(page.get_by_text(W("campaign.act_own_request"))).to_be_visible()
    expect(page.locator(".acts").get_by_role("button", name=W("campaign.act_approve"))).to_have_count(0)
    page.goto("/problems")
    problem = page.locator(".problem", has_text="one pair of eyes")
    expect(problem).to_be_visible()
    expect(problem.get_by_role("button", name=W("problems.approve"))).to_have_count(0)
    refused = page.request.post(f"/api/v1/campaigns/{id_}/approve", headers={"Origin": room.url})
    assert (refused.status, "somebody else has to approve it" in refused.json()["detail"]) == (409, True)
    assert room.ask("GET", f"/campaigns/{id_}").json()["line"]["state"] == "draft"
