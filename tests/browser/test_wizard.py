"""What can go wrong on the way to a launch, and what the keyboard can do."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.walk import (
    W,
    at_step,
    begin,
    choose_message,
    choose_region,
    launch_button,
    press,
    rename,
    settled,
    to_launch,
    upload,
)


def at_launch(page, name):
    begin(page, name)
    choose_region(page)
    choose_message(page)
    to_launch(page)


def names(room):
    return [line["name"] for line in room.ask("GET", "/campaigns", params={"limit": 500}).json()]


def state_of(room, name):
    return next(line["state"] for line in room.ask("GET", "/campaigns", params={"search": name}).json())


def test_a_double_click_launches_once(room, signed_in):
    page = signed_in()
    at_launch(page, "clicked twice")
    launch_button(page).dblclick()
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.get_by_role("dialog").get_by_role("button", name=W("wizard.yes_launch"), exact=True).dblclick()
    page.wait_for_url(re.compile(r"/campaigns/\d+$"))
    assert names(room).count("clicked twice") == 1
    assert room.launches("clicked twice") == 1


def test_a_session_that_has_ended_launches_nothing_and_says_so(room, signed_in):
    page = signed_in("operator", "olga")
    at_launch(page, "too late")
    room.end_sessions("olga")
    launch_button(page).click()
    press(page.get_by_role("dialog"), W("wizard.yes_launch"))
    expect(page.get_by_role("alert").filter(has_text=W("session.ended"))).to_be_visible()
    assert (state_of(room, "too late"), room.launches("too late")) == ("draft", 0)


def test_a_browser_that_is_closed_in_the_middle_finds_its_draft_again(room, signed_in):
    page = signed_in()
    begin(page, "left alone")
    choose_message(page)
    page.close()
    page = signed_in()
    page.goto("/")
    page.get_by_role("link", name="left alone").click()
    page.wait_for_url(re.compile(r"/campaigns/new/\d+"))
    at_step(page, "message")
    expect(page.locator("button[aria-pressed=true]")).to_contain_text("spring_sale")


def test_of_two_people_with_one_draft_the_second_is_told_and_overwrites_nothing(signed_in):
    first, second = signed_in("operator", "olga"), signed_in("operator", "omar")
    begin(first, "one for two")
    second.goto(first.url)
    expect(second.get_by_label(W("wizard.name"), exact=True)).to_have_value("one for two")
    rename(first, "as olga wants it")
    second.get_by_label(W("wizard.name"), exact=True).fill("as omar wants it")
    expect(second.get_by_role("alert").filter(has_text="olga changed this draft")).to_be_visible()
    press(second, W("wizard.load_again"))
    expect(second.get_by_label(W("wizard.name"), exact=True)).to_have_value("as olga wants it")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", re.compile("empty")),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, re.compile("picture.csv")),
        ("broken.xlsx", b"PK\x03\x04 not a workbook", re.compile("broken.xlsx")),
        ("letter.pdf", b"%PDF-1.7 nothing to send", re.compile("letter.pdf")),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_the_upload(name, content, told, signed_in, tmp_path):
    page = signed_in()
    page.goto("/campaigns/new")
    page.wait_for_url(re.compile(r"/campaigns/new/\d+"))
    (tmp_path / name).write_bytes(content)
    upload(page, tmp_path / name)
    expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)


HOSTILE = "<script>window.taken = 1</script><img src=x onerror='window.taken = 2'>"
RIGHT_TO_LEFT = "\u202egnirps\u202c مرحبا"


def test_hostile_cells_and_names_are_shown_as_they_are(room, signed_in, tmp_path):
    file = tmp_path / "hostile.csv"
    cells = [HOSTILE, RIGHT_TO_LEFT, "x" * 10_000]
    file.write_text(
        "phone,name,offer_code\n" + "".join(f'+5255555501{n:02d},"{cell}",A\n' for n, cell in enumerate(cells))
    )
    page = signed_in(viewport={"width": 390, "height": 844})
    begin(page, f"{HOSTILE[:60]} {RIGHT_TO_LEFT}", file)
    expect(page.get_by_role("cell", name=HOSTILE[:40])).to_be_visible()
    choose_message(page)
    expect(page.locator(".bubble")).to_contain_text(HOSTILE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/")
    expect(page.get_by_text(HOSTILE[:30])).to_be_visible()
    assert page.evaluate("[typeof window.taken, document.documentElement.scrollWidth <= 390]") == ["undefined", True]


def test_a_hostile_campaign_is_a_line_of_text_in_every_page_that_names_it(room, signed_in):
    id_ = room.campaign(HOSTILE)
    page = signed_in("admin", viewport={"width": 390, "height": 844})
    for path in ("/", f"/campaigns/{id_}", "/audit", "/problems"):
        page.goto(path)
        settled(page)
        assert page.evaluate("typeof window.taken") == "undefined"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto("/")
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()


def test_a_name_of_ten_thousand_characters_is_not_taken(signed_in):
    page = signed_in()
    begin(page, "x" * 10_000)
    assert len(page.get_by_label(W("wizard.name"), exact=True).input_value()) <= 100


def test_a_step_says_what_it_lacks_beside_the_button(signed_in):
    page = signed_in()
    page.goto("/campaigns/new")
    page.wait_for_url(re.compile(r"/campaigns/new/\d+"))
    press(page, W("wizard.forth", step=W("wizard.step_message")))
    expect(page.get_by_role("alert").filter(has_text=W("wizard.no_list"))).to_be_visible()
