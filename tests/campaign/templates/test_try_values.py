"""Values that a person typed."""

import pytest

from campaign.errors import UsageError
from campaign.templates.try_values import prepared
from tests.campaign.templates.cases import BODY, buttons, template

OFFER = template(BODY, buttons({"type": "URL", "text": "Shop", "url": "https://x.example/{{1}}"}))


def test_values_are_made_ready_as_those_of_a_list():
    assert prepared(OFFER, {"body.1": " Ann\n", "button.0": "a b", "body.9": "?"}) == {
        "body.1": "Ann",
        "button.0": "a%20b",
    }


def test_every_value_that_would_be_refused_is_named():
    with pytest.raises(UsageError, match=r"button\.0 is a whole address.*; the body has 1,\d\d\d characters"):
        prepared(OFFER, {"body.1": "x" * 1024, "button.0": "https://x.example/a"})
