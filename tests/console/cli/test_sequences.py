"""Sequences through the command line."""

from pathlib import Path

import pytest

from models import Campaign
from models.session import Sessions
from tests.console.cli.conftest import Answer, Cli

STEPS = """
[[step]]
template = "spring_sale"
language = "en_US"
map = ["body.1=name|friend", "body.2==15%"]

[[step]]
after = "not_read"
delay = "2d"
template = "spring_sale"
map = ["body.1=name|friend", "body.2==20%"]
"""


def create(cli: Cli, *more: str, steps: str = STEPS) -> Answer:
    """A sequence of two steps through the command line."""
    Path("steps.toml").write_text(steps)
    return cli("sequences", "create", "hello", "steps.toml", "--sender", "shop", "--audience", "list.csv", *more)


def test_a_sequence_is_made_launched_shown_paused_and_cancelled(ready: Cli) -> None:
    assert "There is no sequence" in ready("sequences", "list").out
    made = create(ready)
    assert made.code == 0, made.err
    assert "Sequence hello is a draft of 2 steps: 5 rows, 4 people, 1 refused." in made.out
    assert "2. spring_sale (en_US, marketing): not read 2 days after the delivery; campaign hello 2" in made.out
    assert "is running" in ready("sequences", "launch", "hello").out
    [listed] = ready("sequences", "list", "--json").json
    assert (listed["name"], listed["state"], listed["people"], listed["active"]) == ("hello", "running", 4, 4)
    shown = ready("sequences", "show", "hello")
    assert "4 of 4 people have not ended" in shown.out
    assert "4 queued" in shown.out
    assert "is paused" in ready("sequences", "pause", "hello").out
    assert "is running" in ready("sequences", "resume", "hello").out
    assert "is cancelled" in ready("sequences", "cancel", "hello").out
    assert ready("sequences", "show", "hello", "--json").json["steps"][0]["ended"] == {"cancelled": 4}


@pytest.mark.parametrize(
    ("steps", "more", "words"),
    [
        (STEPS.replace("name|friend", "plan", 1), (), "the list has no column plan"),
        (STEPS.replace('"2d"', '"soon"'), (), "step 2: delay 'soon' is no length of time"),
        (STEPS, ("--deadline", "2099-01-01T00:00Z", "--at", "2098-12-31T00:00Z"), "step 2 comes 2099-01-02"),
        ("", (), "a sequence has 2 to 20 steps"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    ready: Cli, sessions: Sessions, steps: str, more: tuple[str, ...], words: str
) -> None:
    refused = create(ready, *more, steps=steps)
    assert refused.code != 0
    assert words in refused.err
    assert refused.err.count("\n") == 1
    with sessions() as session:
        assert session.query(Campaign).count() == 0
