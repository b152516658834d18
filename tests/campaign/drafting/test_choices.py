"""What a draft can choose from."""

from campaign.drafting.choices import chosen_templates, guessed_slots, name_taken, slots_of_all, template_choices
from campaign.drafting.making import make
from campaign.templates.slots import Slot
from tests.factories import NOON


def test_templates_that_can_be_sent_come_first_and_the_others_say_why_not(desk):
    with desk.sessions() as session:
        found = template_choices(session, "shop")
    assert [(each.name, each.language, each.usable) for each in found] == [
        ("spring_sale", "en_US", True), ("spring_sale", "es_MX", True), ("cards", "en_US", False),
        ("winter", "en_US", False),
    ]  # fmt: skip
    assert (found[2].unsupported, found[3].status) == (["hologram"], "PAUSED")


def test_other_languages_come_along_when_they_are_wanted(desk):
    with desk.sessions() as session:
        alone = chosen_templates(session, "shop", "spring_sale", "en_US", others=False)
        both = chosen_templates(session, "shop", "spring_sale", "en_US", others=True)
    assert [each.language for each in alone] == ["en_US"]
    assert [each.language for each in both] == ["en_US", "es_MX"]
    assert [slot.key for slot in slots_of_all(both)] == ["body.1", "body.2"]


def test_a_column_of_the_same_name_or_of_names_is_guessed():
    slots = [Slot("body.first_name", name="first_name"), Slot("body.1"), Slot("body.2")]
    guessed = guessed_slots(slots, ["first_name", "who"], "who")
    assert guessed == {
        "body.first_name": {"kind": "column", "column": "first_name"}, "body.1": {"kind": "column", "column": "who"},
    }  # fmt: skip


def test_a_name_is_taken_by_another_campaign_not_by_the_drafts_own(desk):
    made = make(desk.sessions, desk.by, desk.id, desk.settings, now=NOON, progress=lambda rows: None)
    with desk.sessions() as session:
        assert name_taken(session, "spring")
        assert not name_taken(session, "spring", but=made.id)
        assert not name_taken(session, "summer")
