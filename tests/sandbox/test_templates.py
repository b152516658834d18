"""The template book, and the set that ships."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.refusals import Refusal
from sandbox.templates import OWN_SET, SENDABLE, BadTemplates, TemplateBook, load_templates
from tests.sandbox.client import refusal
from tests.sandbox.conftest import Start

SAMPLE = Path(__file__).parents[2] / "samples" / "templates.json"


def test_the_sample_is_the_set_that_ships() -> None:
    assert json.loads(SAMPLE.read_text()) == json.loads(OWN_SET.read_text())


def test_the_set_shows_every_kind_that_matters() -> None:
    templates = list(TemplateBook(load_templates(None)))
    assert {one.category for one in templates} == {"MARKETING", "UTILITY", "AUTHENTICATION"}
    assert {one.status for one in templates} == {"APPROVED", "PAUSED", "REJECTED"}
    assert {one.parameter_format for one in templates} == {"POSITIONAL", "NAMED"}
    assert len({one.name for one in templates}) == len(templates) - 1
    assert any(one.plan.cards for one in templates)


@pytest.mark.parametrize("status", sorted(SENDABLE))
def test_what_can_be_sent_is_found(status: str) -> None:
    book = TemplateBook([record(status=status)])
    assert book.sendable("x", "en").status == status


@pytest.mark.parametrize(
    ("status", "code"),
    [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001), ("REJECTED", 132001), ("IN_APPEAL", 132001)],
)
def test_what_cannot_be_sent_is_refused(status: str, code: int) -> None:
    with pytest.raises(Refusal) as refused:
        TemplateBook([record(status=status)]).sendable("x", "en")
    assert refused.value.code == code


def record(**more: Any) -> dict[str, Any]:
    return {"name": "x", "language": "en", "components": [{"type": "BODY", "text": "Hi"}], **more}


@pytest.mark.parametrize("content", ["{", "{}", '"x"', '[{"name": "x"}]', '{"data": {"a": 1}}', '["x"]'])
def test_a_file_that_is_no_list_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content)
    with pytest.raises(BadTemplates, match=r"t\.json"):
        load_templates(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadTemplates, match="cannot be read"):
        load_templates(tmp_path / "none.json")


def test_both_shapes_of_a_file_are_read(tmp_path: Path) -> None:
    bare, wrapped = tmp_path / "a.json", tmp_path / "b.json"
    bare.write_text(json.dumps([record()]))
    wrapped.write_text(json.dumps({"data": [record()]}))
    assert load_templates(bare) == load_templates(wrapped) == [record()]


def test_a_template_leaves_service_for_a_while_by_scenario(start: Start) -> None:
    pauses = [{"name": "spring_sale", "language": "en_US", "after_s": 30_000, "lasts_s": 50_000}]
    client = start({"clock_factor": 100_000, "templates": {"pauses": pauses}, "limits": {"pair_interval_s": 0}})
    codes = list[int | None]()
    while codes[-1:] != [200] or 132015 not in codes:
        answer = client.send()
        codes.append(200 if answer.status_code == 200 else refusal(answer)[1])
        assert len(codes) < 20_000
        assert client.send(language="es_MX").status_code == 200
    changes = [code for number, code in enumerate(codes) if number == 0 or code != codes[number - 1]]
    assert changes == [200, 132015, 200]
