"""Entries of template lists, of both APIs."""

import pytest

from campaign.providers.templates import read_d360_template, read_graph_template

BODY = {"type": "BODY", "text": "Hi {{1}}"}
NAMED = {"type": "BODY", "text": "Hi {{ first_name }}"}


def test_360dialogs_entry_has_a_namespace_and_no_format() -> None:
    record = read_d360_template(
        {"name": "sale", "namespace": "ns", "language": "en", "category": "MARKETING", "status": "approved",
         "external_id": "7", "components": [BODY]}
    )  # fmt: skip
    assert (record.namespace, record.status, record.platform_id, record.parameter_format) == (
        "ns",
        "APPROVED",
        "7",
        "POSITIONAL",
    )


@pytest.mark.parametrize(
    ("components", "expected"), [([BODY], "POSITIONAL"), ([BODY, NAMED], "NAMED"), (None, "POSITIONAL")]
)
def test_names_between_the_braces_tell_the_format(components: object, expected: str) -> None:
    assert read_d360_template({"components": components}).parameter_format == expected


def test_a_format_that_is_given_counts() -> None:
    assert read_d360_template({"parameter_format": "named", "components": [BODY]}).parameter_format == "NAMED"


@pytest.mark.parametrize(("ttl", "expected"), [(3600, 3600), ("600", 600), (-1, -1), (None, None), ("soon", None)])
def test_a_time_to_live_is_read_when_it_is_one(ttl: object, expected: int | None) -> None:
    assert read_graph_template({"message_send_ttl_seconds": ttl}).ttl_seconds == expected


@pytest.mark.parametrize("read", [read_graph_template, read_d360_template])
def test_an_empty_entry_is_no_reason_to_fail(read: object) -> None:
    record = read({})  # type: ignore[operator]
    assert (record.name, record.platform_id, record.components) == ("", None, [])
