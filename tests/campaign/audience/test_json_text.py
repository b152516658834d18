"""JSON by hand says what the library says."""

import json

from hypothesis import given
from hypothesis import strategies as st

from campaign.audience.json_text import json_object, json_objects
from campaign.text_arrays import text_array

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(st.dictionaries(TEXT, TEXT, max_size=4))
def test_one_object(values: dict[str, str]) -> None:
    assert json.loads(json_object(values)) == values


@given(st.lists(st.tuples(TEXT, st.sampled_from(["", " ", "Mérida", '"'])), max_size=12), st.dictionaries(TEXT, TEXT))
def test_columns_become_objects_without_what_is_empty(cells: list[tuple[str, str]], same: dict[str, str]) -> None:
    # Names with a letter that `same` cannot have said before, so that no member stands twice.
    columns = {"\ue000a": [a for a, _ in cells], "\ue000b": [b for _, b in cells]}
    arrays = {name: text_array(texts) for name, texts in columns.items()}
    said = {name: text for name, text in same.items() if not name.startswith("\ue000")}
    expected = [said | {name: texts[n].strip() for name, texts in columns.items()} for n in range(len(cells))]
    found = [json.loads(text) for text in json_objects(arrays, len(cells), same=said).to_pylist()]
    assert found == [{k: v for k, v in row.items() if v or k in said} for row in expected]
    assert json_objects({}, 2).to_pylist() == ["{}", "{}"]
