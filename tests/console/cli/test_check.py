"""`campaign check`: the funnel in words."""

from tests.console.cli.conftest import create


def test_the_funnel_ends_with_who_is_to_be_messaged(ready):
    create(ready)
    lines = [line.strip() for line in ready("check", "spring").out.splitlines()]
    assert any(line.startswith("to be messaged") and " 4" in line for line in lines)
