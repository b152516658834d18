"""A filled template as a phone shows it."""

from campaign.templates.formatting import Run, Style
from campaign.templates.shown import shown

BODY = {"type": "BODY", "text": "Hi *{{1}}*,\n1\n2\n3\n4\n5"}
FOOTER = {"type": "FOOTER", "text": "Reply *STOP*"}
BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "URL", "text": "Shop", "url": "https://shop.test/{{1}}"},
        {"type": "QUICK_REPLY", "text": "Stop promotions"},
        {"type": "COPY_CODE", "text": "Copy"},
    ],
}


def test_values_are_filled_and_marks_count_in_the_body_alone():
    (bubble,) = shown([BODY, FOOTER], {"body.1": "Ann"})
    body, footer = bubble.blocks
    assert body.lines[0] == [Run("Hi "), Run("Ann", frozenset({Style.BOLD})), Run(",")]
    assert footer.lines == [[Run("Reply *STOP*")]]


def test_a_marketing_body_is_folded_after_five_lines_and_others_are_not():
    assert shown([BODY], {"body.1": "Ann"}, category="marketing")[0].blocks[0].fold == 5
    assert shown([BODY], {"body.1": "Ann"}, category="utility")[0].blocks[0].fold is None


def test_what_nothing_fills_shows_its_placeholder():
    assert "".join(run.text for run in shown([BODY], {})[0].blocks[0].lines[0]) == "Hi {{1}},"


def test_buttons_say_where_they_lead_and_which_one_opts_out():
    url, stop, code = shown([BUTTONS], {"button.0": "spring", "button.2": "SAVE"})[0].buttons
    assert (url.label, url.detail) == ("Shop", "https://shop.test/spring")
    assert stop.opts_out
    assert code.detail == "SAVE"


def test_media_shows_the_name_of_its_file_not_the_whole_address():
    header = {"type": "HEADER", "format": "IMAGE"}
    assert shown([header], {"header.1": "https://cdn.test/a/b/spring.jpg"})[0].blocks[0].source == "spring.jpg"
    assert shown([header], {"header.1": "@mine.png"})[0].blocks[0].source == "mine.png"


def test_the_cards_of_a_carousel_are_bubbles_of_their_own():
    card = {"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "One"}]}
    bubbles = shown([BODY, {"type": "CAROUSEL", "cards": [card, card]}], {})
    assert [bubble.card for bubble in bubbles] == [None, 0, 1]
