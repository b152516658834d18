"""Where somebody goes on who has recorded consent."""

import pytest

from console.web.agreed import back_to_draft


@pytest.mark.parametrize(
    ("draft", "goes_on"),
    [
        ({"draft": "12"}, "/campaigns/new/12"),
        ({}, "/campaigns/new"),
        ({"draft": "//evil.example"}, "/campaigns/new"),
        ({"draft": "12\n"}, "/campaigns/new"),
    ],
)
def test_only_a_number_leads_back_to_a_draft(draft, goes_on):
    assert back_to_draft(draft) == goes_on
