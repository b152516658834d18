"""Templates and values from JSON files."""

import json

import pytest

from campaign.errors import NotFound, UsageError
from campaign.templates.file import read_templates, read_values
from tests.campaign.templates.cases import LISTING, SPRING_OFFER


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"data": LISTING}, ["spring_offer", "order_shipped"]),
        ({"waba_templates": LISTING}, ["spring_offer", "order_shipped"]),
        (LISTING, ["spring_offer", "order_shipped"]),
        (SPRING_OFFER, ["spring_offer"]),
    ],
)
def test_shapes(tmp_path, content, names):
    path = tmp_path / "templates.json"
    path.write_text(json.dumps(content))
    found = read_templates(path)
    assert [template.name for template in found] == names
    assert (found[0].category, found[0].status) == ("marketing", "APPROVED")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (None, NotFound, "there is no file"),
        ("{", UsageError, "is not JSON"),
        ("[1]", UsageError, "holds no template"),
        ("{}", UsageError, "holds no template"),
        ('"x"', UsageError, "holds no template"),
    ],
)
def test_bad_files_are_named(tmp_path, text, error, words):
    path = tmp_path / "templates.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=words):
        read_templates(path)


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(NotFound, match="Is a directory"):
        read_templates(tmp_path)


def test_values(tmp_path):
    path = tmp_path / "values.json"
    path.write_text('{"body.1": "Ann", "body.2": 15}')
    assert read_values(path) == {"body.1": "Ann", "body.2": "15"}
    path.write_text('{"body.1": ["Ann"]}')
    with pytest.raises(UsageError, match="holds no values"):
        read_values(path)
