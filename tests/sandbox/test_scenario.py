"""Scenario files: what may stand in them, and that the page and the samples say the same as the fields."""

import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.faults import KINDS
from sandbox.scenario import BadScenario, Scenario, TemplatePause, load_scenario

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "scenarios").glob("*.toml"))


def keys(section: Any, prefix: str = "") -> dict[str, Any]:
    """Every key with its default, sections resolved."""
    found: dict[str, Any] = {}
    for field in fields(section):
        value = getattr(section, field.name)
        name = prefix + field.name
        found |= keys(value, f"{name}.") if is_dataclass(value) else {name: value}
    return found


def test_the_page_has_every_key_with_its_default(page: str) -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `(.*?)` \|", page, re.MULTILINE)
    described = {key: json.loads(default) for key, default in rows if key.split(".")[0] in vars_of_scenario()}
    defaults = {key: list(value) if isinstance(value, tuple) else value for key, value in keys(Scenario()).items()}
    assert described == defaults


def vars_of_scenario() -> set[str]:
    return {field.name for field in fields(Scenario)}


def test_the_page_has_every_kind_of_fault(page: str) -> None:
    table = page.partition("### Faults to arm")[2].partition("## Scenarios")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(KINDS)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_usable_and_every_key_in_it_means_something(path: Path) -> None:
    scenario = load_scenario(path)
    # A sample that changes nothing would be calm under another name.
    assert (scenario == Scenario()) == (path.stem == "calm")
    assert path.read_text(encoding="utf-8").startswith("#")


def test_the_samples_are_those_that_the_page_names(page: str) -> None:
    named = page.partition("has a documented set: ")[2].partition(".")[0]
    assert sorted(re.findall(r"`([\w-]+)`", named)) == [path.stem for path in SAMPLES]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"peeple": {}}, "unknown key peeple; keys there are clock_factor, limits"),
        ({"people": {"red": 0.1}}, "unknown key people.red"),
        ({"people": 3}, "people is a section"),
        ({"people": {"read": 1.5}}, "people.read is a share between 0 and 1"),
        ({"people": {"read": -0.1}}, "people.read is a share between 0 and 1"),
        ({"people": {"read": "often"}}, "people.read is a float"),
        ({"people": {"contact_check": 1}}, "people.contact_check is a bool"),
        ({"people": {"stop_words": "STOP"}}, "people.stop_words is a list of texts"),
        ({"limits": {"tier": 2.5}}, "limits.tier is a int"),
        ({"limits": {"tier": True}}, "limits.tier is a int"),
        ({"limits": {"retry_after_s": -1}}, "limits.retry_after_s is not below 0"),
        ({"clock_factor": 0}, "clock_factor is above 0"),
        ({"pacing": {"verdict": "mixed"}}, "pacing.verdict"),
        ({"webhooks": {"quirks": ["odd"]}}, "not odd"),
        ({"webhooks": {"batch": 0}}, "at least 1"),
        ({"templates": {"pauses": [{"after_s": 1}]}}, "needs the name"),
        ({"templates": {"pauses": [{"name": "x", "when": 1}]}}, "unknown key templates.pauses.when"),
    ],
)
def test_a_bad_key_is_named_with_the_next_step(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadScenario, match=re.escape(says)):
        Scenario().patched(changes)


def test_a_patch_leaves_the_rest_alone() -> None:
    first = Scenario().patched({"people": {"read": 1}, "seed": 4})
    second = first.patched({"people": {"delivered": 0.5}})
    assert (second.people.read, second.people.delivered, second.seed) == (1.0, 0.5, 4)
    assert isinstance(second.people.read, float)


def test_pauses_are_tables() -> None:
    scenario = Scenario().patched({"templates": {"pauses": [{"name": "x", "after_s": 5, "lasts_s": 0}]}})
    assert scenario.templates.pauses == (TemplatePause("x", "", 5.0, 0.0),)


@pytest.mark.parametrize(
    ("content", "says"), [("seed = ", "is not TOML"), ("seeds = 3", "unknown key seeds"), (None, "cannot be read")]
)
def test_a_bad_file_is_named(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "day.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadScenario, match=f"day.toml.*{says}"):
        load_scenario(path)
