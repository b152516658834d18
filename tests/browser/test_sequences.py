"""Sequences on their pages, and variants on a campaign's."""

import re

from playwright.sync_api import expect

from tests.browser.console_room import CSV, MAP
from tests.browser.walk import W, press
from tests.factories import fiction_phone


def chip(page, name):
    return page.locator(".standing .chip", has_text=re.compile(f"^{W(f'state.{name}')}$"))


def sure(page, act):
    label = W(f"sequences.act_{act}")
    press(page.locator(".acts"), label)
    press(page.get_by_role("dialog"), label)


def test_a_sequence_is_launched_followed_paused_resumed_and_ended(room, signed_in):
    id_ = room.sequence("welcome", 12)
    page = signed_in("operator")
    page.goto("/sequences")
    page.get_by_role("link", name="welcome", exact=True).click()
    page.wait_for_url(re.compile(f"/sequences/{id_}$"))
    sure(page, "launch")
    expect(chip(page, "running")).to_be_visible()
    first = page.locator("section.card", has=page.get_by_role("heading", name=re.compile(r"^1\. spring_sale")))
    delivered = first.locator("li", has_text=W("sequences.delivered"))
    expect(delivered.locator(".number")).to_have_text("12", timeout=60_000)
    expect(page.get_by_text("3 d later")).to_be_visible()
    expect(page.get_by_text(W("sequences.still_here", people="12"))).to_be_visible()
    sure(page, "pause")
    expect(chip(page, "paused")).to_be_visible()
    sure(page, "resume")
    expect(chip(page, "running")).to_be_visible()
    sure(page, "cancel")
    expect(chip(page, "cancelled")).to_be_visible()
    expect(page.locator(".acts").get_by_role("button")).to_have_count(0)
    expect(page.get_by_text(W("sequences.ended_here", people="12", why=W("sequences.ended_cancelled")))).to_be_visible()
    page.get_by_role("link", name=W("sequences.see_campaign_of", number=1)).click()
    page.wait_for_url(re.compile(r"/campaigns/\d+$"))


def test_a_viewer_looks_at_a_sequence_and_can_do_nothing_to_it(room, signed_in):
    id_ = room.sequence("looked at only")
    page = signed_in("viewer", viewport={"width": 390, "height": 844})
    page.goto(f"/sequences/{id_}")
    expect(chip(page, "draft")).to_be_visible()
    expect(page.locator(".acts").get_by_role("button")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/sequences/4611686018427387905")
    expect(page.get_by_text(W("sequences.gone"))).to_be_visible()


def test_variants_stand_beside_each_other_with_the_rule_in_words(room, signed_in):
    phones = [fiction_phone(number) for number in range(12)]
    room.agree(phones)
    text = "phone,name\n" + "".join(f"{phone},Ann\n" for phone in phones)
    upload = room.ask("POST", "/uploads", params={"name": "list.csv"}, content=text.encode(), headers=CSV)
    body = {
        "name": "this or that", "sender": "sandbox", "template": "spring_sale", "language": "en_US",
        "upload": upload.json()["id"], "mapping": MAP,
        "variants": [{"name": "English", "share": 50}, {"name": "Mexican", "share": 50, "language": "es_MX"}],
        "winner": {"measure": "read", "sample": 200, "after_s": 3600},
    }  # fmt: skip
    made = room.ask("POST", "/campaigns", json=body)
    assert made.status_code == 201, made.text
    id_ = made.json()["id"]
    room.ask("POST", f"/campaigns/{id_}/launch").raise_for_status()
    page = signed_in("viewer")
    page.goto(f"/campaigns/{id_}")
    card = page.locator("section.card", has=page.get_by_role("heading", name=W("variants.title")))
    expect(card.get_by_role("row")).to_have_count(3)
    expect(card.get_by_role("cell", name="Mexican", exact=True)).to_be_visible()
    expect(card.get_by_role("cell", name="50 %")).to_have_count(2)
    expect(card).to_contain_text("A sample of 200 people goes first. 1 h after the last of them")
    expect(card).to_contain_text(W("variants.undecided"))
