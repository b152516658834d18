"""Addresses of databases: told from files, shown without their passwords."""

import pytest

from campaign.audience.query.address import address_of, check_slashes, is_address, masked, without_secrets
from campaign.errors import UsageError


@pytest.mark.parametrize(
    "text", ["postgresql://u@h/d", "sqlite:////tmp/a.db", "mysql+pymysql://u:p@h/d", "env:CRM_URL"]
)
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["contacts.csv", "/tmp/contacts.csv", "C:\\contacts.csv", "contacts"])
def test_files(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:s3cret@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u:a@b/c?d@h/d", "postgresql://u:***@h/d"),
        ("postgresql://:s3cret@h/d", "postgresql://:***@h/d"),
        ("postgresql://u@h/d?password=s3cret&x=1", "postgresql://u@h/d?password=***&x=1"),
        ("mssql+pyodbc:///?odbc_connect=PWD%3Ds3cret", "mssql+pyodbc:///?odbc_connect=***"),
        ("sqlite:////tmp/a.db", "sqlite:////tmp/a.db"),
    ],
)
def test_no_secret_is_shown(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_a_drivers_words_lose_the_password() -> None:
    address = "postgresql://u:p%40ss@h/d"
    assert (
        without_secrets("password p@ss or p%40ss failed for user u", address) == "password *** or *** failed for user u"
    )


@pytest.mark.parametrize("text", ["postgresql:/u:s3cret@h/d", "postgresql:u:s3cret@h/d"])
def test_an_address_that_lacks_a_slash_is_not_taken_for_a_file(text: str) -> None:
    with pytest.raises(UsageError, match=r"--audience postgresql:…: the address cannot be read") as error:
        check_slashes(text)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("text", ["list.csv", "/a/b@c.csv", "C:\\me@home\\list.csv", "C:/me@home.csv", "a:b.csv"])
def test_a_file_may_be_called_nearly_anything(text: str) -> None:
    check_slashes(text)


def test_an_address_from_the_environment() -> None:
    assert address_of("env:CRM", {"CRM": " sqlite:///a.db "}) == "sqlite:///a.db"
    assert address_of("sqlite:///b.db", {}) == "sqlite:///b.db"
    with pytest.raises(UsageError, match="the variable CRM is not set; set it to the database's address"):
        address_of("env:CRM", {})
    with pytest.raises(UsageError, match="CRM holds no address"):
        address_of("env:CRM", {"CRM": "list.csv"})
