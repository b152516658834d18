"""What a variable of a template is called in the form."""

import pytest

from campaign.templates.slots import SlotUse, slots_of
from console.web.texts import LANGUAGES, Words
from console.web.wizard.slots import REWRITES, slot_words
from models import Template
from tests.factories import NOON

LONG = "Hello {{1}}, " + "many words follow here and go on " * 4 + "until {{2}} comes."


def words_of(components, language="en"):
    template = Template(
        account="1", name="t", language="en_US", category="marketing", status="APPROVED",
        parameter_format="POSITIONAL", components=components, synced_at=NOON,
    )  # fmt: skip
    return [slot_words(slot, template, Words(language)) for slot in slots_of(components, "POSITIONAL")]


def test_a_variable_is_told_with_the_words_around_it():
    first, second = words_of([{"type": "BODY", "text": LONG}])
    assert first == ("Value {{1}}", "Hello {{1}}, many words follow here and go on many …")
    assert second[1] == "… many words follow here and go on until {{2}} comes."


def test_a_button_is_told_by_its_label_and_a_card_by_its_number():
    buttons = {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Shop", "url": "https://x.test/{{1}}"}]}
    card = {"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "{{1}}"}]}
    told = words_of([buttons, {"type": "CAROUSEL", "cards": [card]}])
    assert [label for label, _ in told] == [
        "Button “Shop”: end of its address", "Card 1 · Picture, video or document at the top", "Card 1 · Value {{1}}",
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_use_and_every_rewrite_has_words(language):
    words = Words(language)
    assert all(words(f"wizard.slot_{use}") for use in SlotUse if use is not SlotUse.TEXT)
    assert all(words(f"wizard.rewrite_{name}") for name in REWRITES.values())
