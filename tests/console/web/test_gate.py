"""What stands before every page."""

import pytest

from console.web.gate import CONTENT_POLICY, safe_next


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/campaigns/7?tab=errors", "/campaigns/7?tab=errors"),
        ("https://evil.test/", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_after_signing_in_one_stays_here(wanted, goes_to):
    assert safe_next(wanted) == goes_to


def test_pages_take_nothing_from_elsewhere_and_stand_in_no_frame():
    assert "frame-ancestors 'none'" in CONTENT_POLICY
    assert "http" not in CONTENT_POLICY
