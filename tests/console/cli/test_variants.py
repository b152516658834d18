"""Variants through the command line."""

import pytest

from tests.console.cli.conftest import MAP, TEXT, Cli, Platform, create

AB = ("--variant", "A:50", "--variant", "B:50:template=spring_b")


@pytest.fixture
def two(ready: Cli, platform: Platform) -> Cli:
    """A command line whose sender has a second template of the same slots."""
    platform.templates.append(TEXT | {"name": "spring_b", "id": "900000000000099"})
    ready("templates", "sync", "--sender", "shop")
    return ready


def test_variants_are_made_and_compared(two: Cli) -> None:
    made = create(two, *MAP, *AB)
    assert made.code == 0, made.err
    found = two("variants", "spring", "--json").json
    assert [(each["name"], each["share"], each["template"]) for each in found["variants"]] == [
        ("A", 50, "spring_sale"),
        ("B", 50, "spring_b"),
    ]
    assert sum(each["messages"] for each in found["variants"]) == 4
    assert "spring_b (en_US)" in two("variants", "spring").out
    assert "Variant B (spring_b en_US, 50%)" in two("status", "spring").out


def test_a_campaign_without_says_so(two: Cli) -> None:
    create(two, *MAP)
    assert "has no variants" in two("variants", "spring").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--variant", "A"), "is not NAME:SHARE"),
        (("--variant", "A:50", "--variant", "B:40:template=spring_b"), "the variants are 50 + 40"),
        (("--winner", "read", "--winner-after", "1h", "--winner-sample", "500"), "--winner chooses among variants"),
        ((*AB, "--winner", "read"), "--winner needs --winner-after"),
        ((*AB, "--winner-sample", "500"), "say nothing without --winner"),
        ((*AB, "--winner", "reply", "--winner-after", "1h", "--winner-sample", "150"), "give at least 200"),
        ((*AB, "--language-column", "name"), "choose one of them"),
    ],
)
def test_what_cannot_be_done_is_one_line(two: Cli, options: tuple[str, ...], words: str) -> None:
    refused = create(two, *MAP, *options)
    assert refused.code != 0
    assert words in refused.err
    assert refused.err.count("\n") == 1
