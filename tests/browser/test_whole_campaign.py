"""A campaign from the upload to its report, as somebody does it who has read nothing."""

import csv
import re
from collections import Counter

from playwright.sync_api import expect

from tests.browser.walk import W, begin, choose_message, choose_region, launch, to_launch
from tests.factories import fiction_phone

COMPLETED_WITHIN_MS = 60_000
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4


def state(page, name):
    return page.locator(".standing .chip", has_text=re.compile(f"^{W(f'state.{name}')}$"))


def test_from_a_list_to_a_report_whose_lines_add_up(room, signed_in, tmp_path):
    page = signed_in()
    begin(page, "spring by hand")
    choose_region(page)
    choose_message(page)
    to_launch(page)
    launch(page)
    page.evaluate("window.sinceLaunch = true")
    expect(state(page, "completed")).to_be_visible(timeout=COMPLETED_WITHIN_MS)
    assert page.evaluate("window.sinceLaunch"), "the page was loaded again"
    with page.expect_download() as started:
        page.get_by_role("link", name=W("campaign.report_recipients"), exact=True).click()
    started.value.save_as(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    line = room.ask("GET", f"/campaigns/{page.url.rpartition('/')[2]}").json()["line"]
    became = Counter(each["status"] for each in lines)
    assert len(lines) == line["rows"] > 60
    assert {each["row"] for each in lines} == {str(row) for row in range(1, len(lines) + 1)}
    assert became.total() - became["refused"] == sum(line["counts"].values()) > 20


def test_a_page_that_is_open_follows_what_others_do(room, signed_in):
    id_ = room.campaign("looked on", 90)
    page = signed_in("viewer")
    page.goto(f"/campaigns/{id_}")
    expect(state(page, "draft")).to_be_visible()
    page.evaluate("window.still = true")
    room.ask("POST", f"/campaigns/{id_}/launch").raise_for_status()
    room.ask("POST", f"/campaigns/{id_}/pause").raise_for_status()
    expect(state(page, "paused")).to_be_visible()
    room.ask("POST", f"/campaigns/{id_}/resume").raise_for_status()
    expect(state(page, "completed")).to_be_visible(timeout=COMPLETED_WITHIN_MS)
    assert page.evaluate("window.still")


def test_the_list_of_campaigns_follows_too(room, signed_in):
    page = signed_in("viewer")
    page.goto("/")
    expect(page.get_by_role("main").last).to_be_visible()
    room.campaign("a newcomer")
    expect(page.get_by_role("link", name="a newcomer")).to_be_visible()


def test_an_operator_pauses_resumes_and_ends_a_campaign(room, signed_in):
    id_ = room.campaign("stopped by hand", 600, launch=True)
    page = signed_in("operator")
    page.goto(f"/campaigns/{id_}")
    act(page, "pause")
    expect(state(page, "paused")).to_be_visible()
    act(page, "resume", sure=True)
    expect(state(page, "running")).to_be_visible()
    act(page, "cancel", sure=True)
    expect(state(page, "cancelled")).to_be_visible()
    expect(page.locator(".acts").get_by_role("button")).to_have_count(0)


def act(page, name, *, sure=False):
    label = W(f"campaign.act_{name}")
    page.locator(".acts").get_by_role("button", name=label, exact=True).click()
    if sure:
        page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()


def test_a_picture_is_at_whatsapp_before_the_launch_and_the_page_says_so(room, signed_in):
    phones = [fiction_phone(number) for number in range(2)]
    room.agree(phones)
    files = {"list.csv": "phone,name\n" + "".join(f"{phone},Ann\n" for phone in phones), "spring.jpg": JPEG}
    ids = [
        room.ask("POST", "/uploads", params={"name": name}, content=content).json()["id"]
        for name, content in files.items()
    ]
    mapping = [f"header.1=@{ids[1]}", "body.1=name|friend", "body.2==15%", "button.1==SPRING15"]
    body = {"name": "with a picture", "sender": "sandbox", "template": "spring_offer", "language": "en_US",
            "upload": ids[0], "mapping": mapping}  # fmt: skip
    made = room.ask("POST", "/campaigns", json=body)
    assert made.status_code == 201, made.text
    page = signed_in()
    page.goto(f"/campaigns/{made.json()['id']}")
    act(page, "launch", sure=True)
    expect(page.get_by_text(W("uploading.done", count=1))).to_be_visible()
    expect(state(page, "completed")).to_be_visible(timeout=COMPLETED_WITHIN_MS)
