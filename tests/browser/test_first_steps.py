"""The first day: no number, nobody who agreed. Each page says what to do next, and the next thing works."""

import re

import pytest
from playwright.sync_api import expect

from console.api.door import COOKIE
from models import ConsentEvent, Sender
from tests.browser.console_room import CONSENT, console_room
from tests.browser.walk import W, press, upload


@pytest.fixture(scope="module")
def empty(chromium_installed, tmp_path_factory):
    with console_room(tmp_path_factory.mktemp("first day") / "home", bare=True) as room:
        yield room


@pytest.fixture
def visitor(window, empty):
    """A page of somebody of a role, in the room in which nothing is yet."""

    def open_page(role):
        context = window(base_url=empty.url)
        context.add_cookies([{"name": COOKIE, "value": empty.token(f"some-{role}", role), "url": empty.url}])
        return context.new_page()

    return open_page


def field(page, key):
    return page.get_by_label(W(f"practice.{key}"), exact=True)


def test_who_may_not_add_a_number_is_offered_none(visitor):
    for role in ("viewer", "operator"):
        page = visitor(role)
        page.goto("/senders")
        expect(page.get_by_text(W("senders.empty"))).to_be_visible()
        expect(page.get_by_role("button", name=W("practice.practise"))).to_have_count(0)
        expect(page.get_by_text(W("practice.add"))).to_have_count(0)


def test_a_number_of_ones_own_is_added_and_what_it_lacks_is_said(visitor, empty):
    page = visitor("admin")
    page.goto("/")
    page.get_by_role("link", name=W("practice.real")).click()
    page.wait_for_url(re.compile("/senders"))
    field(page, "name").fill("Our shop!")
    field(page, "token_env").fill("SHOP_TOKEN")
    form = page.locator("#add")
    press(form, W("practice.add"))
    expect(form.get_by_role("alert").filter(has_text="sender name")).to_be_visible()
    field(page, "name").fill("shop")
    field(page, "phone_number_id").fill("100000000000021")
    field(page, "waba_id").fill("100000000000010")
    press(form, W("practice.add"))
    expect(form.get_by_role("alert").filter(has_text="SHOP_TOKEN")).to_be_visible()
    field(page, "token_env").fill("SANDBOX_TOKEN")
    field(page, "app_secret_env").fill("SHOP_SECRET")
    press(form, W("practice.add"))
    expect(form.locator(".warning").filter(has_text="SHOP_SECRET")).to_be_visible()
    expect(field(page, "name")).to_have_value("")
    expect(page.get_by_role("link", name="shop", exact=True)).to_be_visible()
    with empty.sessions() as session, session.begin():
        shop = session.query(Sender).filter_by(name="shop").one()
        assert (shop.provider, shop.token_env, shop.phone_number_id) == ("cloud", "SANDBOX_TOKEN", "100000000000021")
        # The test after this one is about a house without a number.
        session.delete(shop)


def test_a_number_to_practise_with_is_one_press_and_leads_on_to_who_agreed(visitor, empty):
    page = visitor("admin")
    page.goto("/")
    press(page, W("practice.practise"))
    expect(page.get_by_role("link", name=W("practice.then_consent"))).to_be_visible()
    with empty.sessions() as session:
        assert [sender.name for sender in session.query(Sender)] == ["sandbox"]
    page.get_by_role("link", name=W("practice.then_consent")).click()
    page.wait_for_url(re.compile("/consent"))
    expect(page.get_by_role("heading", name=W("agreed.title"))).to_be_visible()
    page.goto("/templates")
    expect(page.get_by_role("cell", name=re.compile("spring_sale")).first).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("button", name=W("practice.practise"))).to_have_count(0)


def test_a_list_of_who_agreed_is_recorded_once_it_is_known_where_from(visitor, empty):
    page = visitor("operator")
    page.goto("/consent")
    record = page.get_by_role("button", name=W("agreed.record"), exact=True)
    record.click()
    expect(page.get_by_role("alert").filter(has_text=W("agreed.no_file"))).to_be_visible()
    upload(page, CONSENT)
    expect(page.get_by_text(W("agreed.chosen", file="consent.csv"))).to_be_visible()
    record.click()
    expect(page.get_by_role("alert").filter(has_text=W("agreed.no_source"))).to_be_visible()
    page.get_by_label(W("agreed.source")).fill("sign-up form on our site")
    page.get_by_label(W("contacts.import_region")).fill("mx")
    record.click()
    done = page.get_by_text(re.compile(r"^\d+ rows: \d+ recorded"))
    expect(done).to_be_visible()
    recorded = int(re.search(r"(\d+) recorded", done.inner_text())[1])
    with empty.sessions() as session:
        assert session.query(ConsentEvent).count() == recorded > 30
    expect(page.get_by_role("link", name=W("agreed.then"), exact=True)).to_be_visible()
    # Whoever comes back finds what became of it.
    page.reload()
    expect(done).to_be_visible()


def test_a_file_that_lists_nobody_is_refused_beside_the_form(visitor, tmp_path):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    page = visitor("operator")
    page.goto("/consent")
    upload(page, tmp_path / "picture.csv")
    expect(page.get_by_text(W("agreed.chosen", file="picture.csv"))).to_be_visible()
    page.get_by_label(W("agreed.source")).fill("a fair")
    page.get_by_role("button", name=W("agreed.record"), exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="picture.csv")).to_be_visible()
