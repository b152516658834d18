"""Steps as a file says them: what is read, and what is refused with the step and the reason."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.errors import UsageError
from campaign.sequences.steps import PATIENCE, plan_steps, read_span, read_steps
from models.sequence import Condition

FIRST = {"template": "welcome", "language": "en_US", "map": ["body.1=name"]}
SECOND = {"template": "tips", "after": "read", "delay": "3d"}
SAMPLE = Path(__file__).parents[3] / "samples" / "sequence.toml"


def test_the_sample_is_read() -> None:
    plan = read_steps(SAMPLE)
    assert [(step.after, step.delay.days) for step in plan.later] == [("delivered", 3), ("not_read", 5)]
    assert plan.earliest == [timedelta(0), timedelta(days=3), timedelta(days=8)]
    assert plan.reply_ends


def test_a_step_takes_the_language_of_the_one_before_and_waits_a_month() -> None:
    plan = plan_steps({"step": [FIRST, SECOND | {"language": "es_MX"}, SECOND]})
    assert [step.wording.language for step in plan.later] == ["es_MX", "es_MX"]
    assert plan.later[0].patience == PATIENCE


def test_a_reply_to_a_step_whose_next_one_is_for_it_ends_nothing() -> None:
    plan = plan_steps({"step": [FIRST, SECOND, SECOND | {"after": Condition.REPLIED.value}]})
    assert [plan.ends_at_reply(number) for number in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "2 to 20 steps"),
        ({"step": [FIRST]}, "this one has 1"),
        ({"step": [FIRST] * 21}, "this one has 21"),
        ({"step": "welcome"}, r"\[\[step\]\]"),
        ({"steps": []}, "steps is not known"),
        ({"step": [FIRST, SECOND], "reply_ends": "no"}, "true or false"),
        ({"step": [FIRST | {"delay": "3d"}, SECOND]}, "step 1: delay is not known"),
        ({"step": [{"template": "welcome"}, SECOND]}, "step 1: language is missing"),
        ({"step": [FIRST, {"delay": "3d"}]}, "step 2: template is missing"),
        ({"step": [FIRST, {"template": "tips"}]}, "step 2: delay is missing"),
        ({"step": [FIRST, SECOND | {"delay": "soon"}]}, "step 2: delay 'soon' is no length of time"),
        ({"step": [FIRST, SECOND | {"delay": 3}]}, "step 2: delay 3 is no length"),
        ({"step": [FIRST, SECOND | {"delay": "53w"}]}, "at most 365 days"),
        ({"step": [FIRST, SECOND | {"after": "opened"}]}, "step 2: after 'opened' is none of delivered, read"),
        ({"step": [FIRST, SECOND | {"after": "not_read", "delay": "0d"}]}, "step 2: not_read needs a delay"),
        ({"step": [FIRST, SECOND | {"after": "delivered", "give_up": "3d"}]}, "step 2: give_up says how long"),
        ({"step": [FIRST, SECOND | {"map": "body.1=name"}]}, "step 2: map has to be a list"),
    ],
)
def test_anything_else_is_refused_with_the_step(content: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_steps(content)


@pytest.mark.parametrize("content", [b"[[step", b"\xff", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "steps.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"steps\.toml"):
        read_steps(path)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), (" 12H ", 43200), ("2w", 1209600)])
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert read_span(text, "delay").total_seconds() == seconds
