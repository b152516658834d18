"""How long a text is once it is filled in."""

import pytest

from campaign.templates.lengths import lengths_of
from tests.campaign.templates.cases import buttons

OFFER = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Offer!"}}
BODY = {"type": "BODY", "text": "{{1}} and {{2}} and {{1}}"}
SHOP = buttons({"type": "URL", "text": "Shop", "url": "https://x.example/{{1}}"})


def test_a_variable_counts_as_often_as_it_stands_in_the_text():
    (body,) = lengths_of([BODY])
    assert (body.fixed, body.limit) == (10, 1024)
    assert body.of({"body.1": "abc", "body.2": "d"}) == 17


@pytest.mark.parametrize(
    ("components", "limits"),
    [
        ([{"type": "HEADER", "format": "TEXT", "text": "Hi"}, {"type": "FOOTER", "text": "Bye"}], [60, 60]),
        ([OFFER, BODY], [16, 600]),
        ([{"type": "CAROUSEL", "cards": [{"components": [BODY, SHOP]}]}], [160, 2000]),
        ([{"type": "HEADER", "format": "IMAGE"}, SHOP], [2000]),
    ],
)
def test_limits(components, limits):
    assert [length.limit for length in lengths_of(components)] == limits


def test_the_variable_of_an_address_is_the_slot_of_its_button():
    (address,) = lengths_of([SHOP])
    assert address.of({"button.0": "abc"}) == len("https://x.example/abc")
