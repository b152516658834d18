"""What no database can keep is refused at the door; errors speak of fields."""

import pytest

from console.api.words import in_fields, usable


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfffb"])
def test_a_text_that_cannot_be_kept_is_refused(text):
    with pytest.raises(ValueError):
        usable(text)
    assert usable("¡hola! \U0001f600") == "¡hola! \U0001f600"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/senders/a%00b", None),
        ("GET", "/campaigns?search=%00", None),
        ("GET", "/people/+1%00", None),
        ("GET", "/campaigns/99999999999999999999", None),
        ("GET", "/audit?before=99999999999999999999", None),
        ("POST", "/consent/grants", b'{"phones": ["+12015550100"], "category": "all", "source": "a\\u0000b"}'),
        ("POST", "/consent/grants", b'{"phones": ["+12015550100"], "category": "all", "source": "a\\ud800b"}'),
        ("POST", "/suppressions", b'{"phones": ["+1"], "source": "x", "until": "9999-12-31T23:59:59-12:00"}'),
        ("POST", "/drafts", b'{"content": {"a": {"b": ["\\u0000"]}}}'),
        ("POST", "/campaigns", b"\xff\xfe"),
        ("POST", "/campaigns", b"[" * 10_000),
    ],
)
def test_hostile_requests_are_not_usable_and_break_nothing(ask, method, path, body):
    answer = ask(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_errors_speak_of_fields():
    said = "--map body.1=x: correct --phone-column, see /srv/incoming/" + "a" * 43 + "/list.csv"
    assert in_fields(said) == "mapping body.1=x: correct phone_column, see list.csv"
