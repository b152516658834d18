"""Small parts that pages are made of."""

from datetime import UTC, datetime

import pytest
from nicegui import ui

from console.web.parts import TONES, ErrorLine, card, chip, link, moment, table, text
from console.web.texts import LANGUAGES, Words, _texts
from models.states import CampaignState, MessageState
from tests.factories import NOON

HOSTILE = ["<script>alert(1)</script>", "\"onload='x' & `$", "‮gnitset‬", "x" * 10_000]


@pytest.mark.parametrize("name", HOSTILE, ids=["script", "quotes", "right to left", "long"])
def test_text_is_shown_as_it_is_and_never_read_as_markup(draw, name):
    seen = draw(lambda: text(name))
    assert name in seen
    assert not [markup for markup in seen.markup if "<script" in markup or "'x'" in markup]


def test_hostile_cells_captions_and_links_stay_text(draw):
    def build():
        table(["Name"], [[HOSTILE[0]], [link(HOSTILE[0], "/x")]], caption=HOSTILE[1], empty="")

    seen = draw(build)
    assert HOSTILE[0] in seen
    assert not [markup for markup in seen.markup if "<script" in markup]
    assert seen.find("table")


@pytest.mark.parametrize("state", [*CampaignState, *MessageState])
def test_every_state_has_a_colour_and_a_word_in_every_language(state):
    assert state in TONES
    assert all(f"state.{state.value}" in _texts(language) for language in LANGUAGES)


def test_a_chip_says_its_state_in_words_and_not_by_colour_alone(draw):
    seen = draw(lambda: chip("held", Words("en")))
    assert "held back" in seen
    assert any("tone-warn" in element.get("class", []) for element in seen.elements)


def test_a_moment_is_in_utc_until_the_browser_shows_it_in_its_own_zone(draw):
    def build():
        moment(NOON, Words("en"))
        moment(None, Words("en"))

    seen = draw(build)
    assert any(f'datetime="{NOON.isoformat()}"' in markup for markup in seen.markup)
    assert f"{datetime(2026, 11, 20, 12, tzinfo=UTC):%Y-%m-%d %H:%M} UTC" in seen
    assert "–" in seen


def test_a_table_names_its_columns_and_itself_and_can_be_scrolled_with_the_keyboard(draw):
    seen = draw(lambda: table(["Name", "State"], [["spring", 3]], caption="Campaigns", empty="none"))
    assert [element["props"]["scope"] for element in seen.find("th")] == ["col", "col"]
    assert seen.find("div", tabindex="0", role="region", **{"aria-label": "Campaigns"})
    assert "none" not in seen


def test_an_empty_table_says_what_to_do_next(draw):
    seen = draw(lambda: table(["Name"], [], caption="Campaigns", empty="Start with New campaign."))
    assert "Start with New campaign." in seen
    assert not seen.find("table")


def test_an_error_is_read_out_when_it_appears_and_gone_when_cleared(draw):
    def build():
        ErrorLine()
        ErrorLine().show("no phone column; name it")
        gone = ErrorLine()
        gone.show("never seen")
        gone.clear_text()

    seen = draw(build)
    lines = seen.find("p", role="alert")
    assert ["hidden" in line.get("class", []) for line in lines] == [True, False, True]
    assert "no phone column; name it" in seen
    assert "never seen" not in seen


def test_a_card_has_a_heading(draw):
    def build():
        with card("Funnel"):
            ui.label("inside")

    seen = draw(build)
    assert [element["props"]["innerHTML"] for element in seen.find("h2")] == ["Funnel"]
    assert "inside" in seen
