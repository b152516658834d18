"""What went wrong, as a table."""

from campaign.overview.campaigns import Trouble
from console.web.campaign_page.troubles import Troubles
from console.web.texts import Words

WORDS = Words("en")
TROUBLE = Trouble("failed", 131026, None, 1234, "This number cannot receive <b>it</b>.")


def test_each_cause_has_its_number_its_sentence_and_a_way_to_the_people(draw):
    seen = draw(lambda: Troubles(WORDS, print).show([TROUBLE]))
    assert "1,234" in seen
    assert "This number cannot receive <b>it</b>." in seen
    assert seen.find("q-btn", **{"aria-label": "Show who is failed"})


def test_without_any_there_is_no_card(draw):
    assert "What went wrong" not in draw(lambda: Troubles(WORDS, print).show([]))
