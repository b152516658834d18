"""What each role sees and may do, in the pages and past them."""

import re

import pytest
from playwright.sync_api import expect

from console.api.app import PREFIX
from tests.browser.walk import W

ACTING = ("pause", "resume", "cancel", "launch", "approve", "take_back", "move")


def acting_buttons(page):
    return [act for act in ACTING if page.get_by_role("button", name=W(f"campaign.act_{act}"), exact=True).count()]


@pytest.mark.parametrize(("role", "acts"), [("viewer", []), ("operator", ["launch", "take_back"])])
def test_a_campaign_offers_what_a_role_may_do(role, acts, room, signed_in):
    id_ = room.campaign(f"offered to {role}")
    page = signed_in(role)
    page.goto(f"/campaigns/{id_}")
    expect(page.get_by_text(W("campaign.downloads"))).to_be_visible()
    assert acting_buttons(page) == acts


def test_a_viewer_is_not_offered_a_new_campaign_and_does_not_get_one_by_its_address(signed_in):
    page = signed_in("viewer")
    page.goto("/")
    expect(page.get_by_label(W("campaigns.search"))).to_be_visible()
    expect(page.get_by_role("link", name=W("campaigns.new"))).to_have_count(0)
    page.goto("/campaigns/new")
    expect(page.get_by_text(W("error.not_allowed", role="viewer"))).to_be_visible()
    assert page.url.endswith("/campaigns/new")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/campaigns/{id}/launch"), ("POST", "/campaigns/{id}/cancel"), ("DELETE", "/campaigns/{id}"),
     ("POST", "/uploads?name=list.csv"), ("GET", "/users"), ("POST", "/keys")],
)  # fmt: skip
def test_a_viewer_who_asks_the_api_with_their_own_session_is_refused(method, path, room, signed_in):
    found = room.ask("GET", "/campaigns", params={"search": "kept from viewers"}).json()
    id_ = found[0]["id"] if found else room.campaign("kept from viewers")
    page = signed_in("viewer")
    page.goto("/")
    answer = page.evaluate(
        """async ([method, path]) => {
            const answer = await fetch(path, {method, headers: {'Content-Type': 'application/json'},
                body: method === 'GET' ? undefined : JSON.stringify({name: 'mine', role: 'admin'})});
            return [answer.status, await answer.json()];
        }""",
        [method, f"{PREFIX}{path.format(id=id_)}"],
    )
    assert (answer[0], "viewer here and may not" in answer[1]["detail"]) == (403, True)
    assert room.ask("GET", f"/campaigns/{id_}").json()["line"]["state"] == "draft"


@pytest.mark.parametrize("role", ["viewer", "operator", "approver"])
def test_the_users_page_is_for_admins_alone(role, signed_in):
    page = signed_in(role)
    page.goto("/users")
    expect(page.get_by_text(W("error.not_allowed", role=role))).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)


def test_an_admin_lets_somebody_in_and_takes_it_back(room, signed_in):
    page = signed_in("admin")
    page.goto("/users")
    page.get_by_label(W("users.name"), exact=True).first.fill("nina")
    page.get_by_label(W("users.password"), exact=True).first.fill("a long enough password")
    page.get_by_role("button", name=W("users.add"), exact=True).click()
    row = page.get_by_role("row").filter(has_text=re.compile("^nina"))
    expect(row).to_contain_text(W("role.viewer"))
    assert room.ask("GET", "/users", role="admin").json()
    row.get_by_role("button", name=W("users.disable")).click()
    page.get_by_role("dialog").get_by_role("button", name=W("users.disable")).click()
    expect(row).to_contain_text(W("users.disabled"))


def test_a_role_that_is_taken_away_counts_at_the_next_click(room, signed_in):
    id_ = room.campaign("pressed too late")
    page = signed_in("operator", "otto")
    page.goto(f"/campaigns/{id_}")
    page.get_by_role("button", name=W("campaign.act_launch"), exact=True).wait_for()
    room.ask("PATCH", "/users/otto", role="admin", json={"role": "viewer"}).raise_for_status()
    page.get_by_role("button", name=W("campaign.act_launch"), exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=W("campaign.act_launch"), exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="is viewer here and may not launch")).to_be_visible()
    assert room.ask("GET", f"/campaigns/{id_}").json()["line"]["state"] == "draft"
