"""`campaign create`: the options that only it has."""

from tests.console.cli.conftest import create


def test_a_new_campaign_says_what_comes_next(ready):
    assert create(ready).out.splitlines()[-1] == "Next: campaign check spring, then campaign launch spring"
