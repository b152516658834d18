"""What a draft holds, as it is kept and read again."""

from campaign.drafting.content import DraftContent, about_the_campaign


def test_an_untouched_draft_keeps_nothing():
    assert DraftContent().as_json() == {}


def test_what_was_chosen_is_found_again():
    content = DraftContent(
        name="spring", upload="x", slots={"body.1": {"kind": "column", "column": "name"}}, canary=10,
        window_days=("mon",), landlines=True, made={"id": 7, "name": "spring"},
    )  # fmt: skip
    assert DraftContent.from_json(content.as_json()) == content
    assert (content.campaign_id, content.campaign_name) == (7, "spring")


def test_what_does_not_fit_is_as_if_it_had_not_been_chosen():
    kept = {
        "name": 5,
        "canary": "many",
        "landlines": "yes",
        "window_days": "mon",
        "slots": [],
        "gone": 1,
        "rate_mps": True,
    }
    assert DraftContent.from_json(kept) == DraftContent()


def test_only_what_a_campaign_is_made_from_makes_another_campaign():
    draft = DraftContent()
    assert not about_the_campaign(draft, draft.changed(step="people", preview_row=3, test_phone="1"))
    assert about_the_campaign(draft, draft.changed(name="spring"))
