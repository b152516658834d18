"""Answers that are files."""

import re
from email.message import Message

import pytest

from console.api.files import disposition


def kept_as(name):
    """What a browser makes of the header: the name for old ones, the name for all others."""
    header = disposition(name)
    assert header.isascii()
    assert not re.search(r"[\r\n]", header)
    plain = re.fullmatch(r'attachment; filename="([^"]*)"; filename\*=.*', header)
    message = Message()
    message["Content-Disposition"] = re.sub(r'filename="[^"]*"; ', "", header)
    return plain[1], message.get_filename()


@pytest.mark.parametrize(
    ("name", "plain", "exact"),
    [
        ("contacts.csv", "contacts.csv", "contacts.csv"),
        ("Lista año nuevo.xlsx", "Lista a_o nuevo.xlsx", "Lista año nuevo.xlsx"),
        ("客户.csv", "_.csv", "客户.csv"),
        ("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"),
        ("C:\\list.csv", "C__list.csv", "C__list.csv"),
        ('a"b\r\nSet-Cookie: x=1.csv', "a_b__Set-Cookie_ x_1.csv", "a_b__Set-Cookie_ x=1.csv"),
        ("\u202evsc.exe", "_vsc.exe", "_vsc.exe"),
        ("100%20of;it.csv", "100_20of_it.csv", "100%20of;it.csv"),
        ("", "file", "file"),
        ("...", "file", "file"),
    ],
)
def test_a_file_keeps_its_name_as_far_as_that_is_safe(name, plain, exact):
    assert kept_as(name) == (plain, exact)


def test_a_long_name_keeps_its_kind():
    assert kept_as("x" * 10_000 + ".csv") == ("x" * 120 + ".csv", "x" * 120 + ".csv")


def test_a_list_comes_back_under_the_name_that_it_was_uploaded_with(ask, sessions):
    from tests.console.api.conftest import CSV
    from tests.console.api.test_campaign_in import BASE
    from tests.factories import make_sender, make_template

    with sessions() as session, session.begin():
        make_template(session, make_sender(session))
    upload = ask("POST", "/uploads", params={"name": "Lista año.csv"}, content=CSV.encode()).json()["id"]
    assert ask("POST", "/campaigns", json=BASE | {"upload": upload}).status_code == 201
    answer = ask("GET", "/uploads/spring")
    assert answer.text == CSV
    assert "filename*=UTF-8''Lista%20a%C3%B1o.csv" in answer.headers["content-disposition"]
