"""How far a draft can be gone on with."""

import pytest

from campaign.drafting.content import DraftContent
from console.web.pages.new_campaign import reachable

LISTED = DraftContent(name="spring", upload="x")
SAID = LISTED.changed(sender="shop", template="spring_sale")


@pytest.mark.parametrize(
    ("content", "steps"),
    [
        (DraftContent(), 1),
        (DraftContent(upload="x"), 1),
        (LISTED, 2),
        (DraftContent(name="spring", source="contacts"), 2),
        (SAID, 4),
        (SAID.changed(made={"id": 1, "name": "spring"}), 5),
    ],
)
def test_a_step_opens_when_what_it_needs_was_chosen(content, steps):
    assert reachable(content) == steps
