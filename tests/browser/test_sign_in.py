"""Signing in and out, and the first user of all."""

import re

from playwright.sync_api import expect

from tests.browser.console_room import PASSWORD


def fill_in(page, **values):
    for name, value in values.items():
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button").click()


def test_the_printed_address_makes_the_first_admin_once(room, window):
    page, address = window().new_page(), room.setup_url()
    page.goto(address)
    fill_in(page, name="ana", password=PASSWORD, again="something else")
    expect(page.get_by_role("alert")).to_contain_text("the two passwords differ")
    fill_in(page, name="ana", password=PASSWORD, again=PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns")
    expect(page.get_by_role("banner")).to_contain_text("ana · admin")
    page.goto(address)
    fill_in(page, name="eve", password=PASSWORD, again=PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("the set-up is done")


def test_signing_in_leads_on_to_where_one_wanted_to_go_and_signing_out_ends_it(room, window):
    room.user("olga", "operator")
    page = window().new_page()
    page.goto("/?before=9000")
    expect(page).to_have_url(re.compile("/login"))
    fill_in(page, name="olga", password="not the password")
    expect(page.get_by_role("alert")).to_contain_text("name or password is not right")
    expect(page.get_by_label("Name")).to_have_value("olga")
    fill_in(page, name="olga", password=PASSWORD)
    expect(page).to_have_url(re.compile("before=9000$"))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/?before=9000")
    expect(page).to_have_url(re.compile("/login"))


def test_the_keyboard_is_enough_to_sign_in(room, window):
    room.user("olga", "operator")
    page = window().new_page()
    page.goto("/")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("olga")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    # Signing in takes its time by design, and a busy machine longer.
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns", timeout=20_000)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search by name")).to_be_focused()


def test_each_language_greets_in_its_own_words(window):
    for locale, words in (("es-MX", "Iniciar sesión"), ("pt-BR", "Entrar")):
        page = window(locale=locale).new_page()
        page.goto("/login")
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
