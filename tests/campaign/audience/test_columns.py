"""Headers in the languages that lists come in."""

from pathlib import Path

import pytest

from campaign.audience.columns import (
    NAME_NAMES,
    PHONE_NAMES,
    column_names,
    find_column,
    find_name_column,
    find_phone_column,
)
from campaign.errors import BadList

LIST = Path("samples/spring.csv")


@pytest.mark.parametrize(
    "header",
    [
        *("phone", "Phone", " PHONE ", "Phone Number", "phone_number", "tel", "Tel.", "mobile"),
        *("Mobile-Number", "WhatsApp", "WhatsApp Number", "wa_id", "msisdn", "Teléfono", "telefono", "TELÉFONO MÓVIL"),
        *("Móvil", "Celular", "Número", "numero de whatsapp", "Telefone", "Telemóvel", "Téléphone", "Portable"),
        *("Cellulare", "Handynummer", "Telefonnummer", "Mobiel", "GSM", "Numer telefonu", "Cep Telefonu", "Nomor HP"),
        *("Телефон", "Мобильный", "رقم الهاتف", "मोबाइल", "手机号", "電話番号", "전화번호"),
        *("Phone 1 - Value", "\ufeffphone"),
    ],
)  # fmt: skip
def test_the_phone_column_is_found_in_many_languages(header: str) -> None:
    assert find_phone_column(["name", header, "city"], None, LIST) == header


def test_the_likeliest_of_several_is_taken_and_the_choice_can_be_overridden() -> None:
    columns = ["telephone", "Phone", "WhatsApp", "number"]
    assert find_phone_column(columns, None, LIST) == "WhatsApp"
    assert find_phone_column(columns, "number", LIST) == "number"
    assert find_phone_column(columns, "TELEPHONE", LIST) == "telephone"


def test_the_platforms_id_of_a_person_comes_after_their_phone() -> None:
    """An export of ours has both, and the id is empty for whoever was never written to."""
    assert find_phone_column(["phone", "name", "wa_id"], None, LIST) == "phone"
    assert find_phone_column(["number", "wa_id"], None, LIST) == "wa_id"


def test_no_phone_column_names_those_found_and_what_to_do() -> None:
    with pytest.raises(BadList) as error:
        find_phone_column(["name", "contacto", "city"], None, LIST)
    assert str(error.value) == (f"{LIST} has no phone column (found name, contacto, city); name it with --phone-column")
    with pytest.raises(BadList, match=r"has no column tel2 \(found name, city\); correct --phone-column"):
        find_phone_column(["name", "city"], "tel2", LIST)


def test_two_headers_that_only_mention_a_phone_are_a_question() -> None:
    assert find_phone_column(["name", "customer phone"], None, LIST) == "customer phone"
    with pytest.raises(BadList, match="found Phone 1 - Label, Phone 1 - Value"):
        find_phone_column(["Phone 1 - Label", "Phone 1 - Value"], None, LIST)


def test_columns_get_names_that_differ() -> None:
    assert column_names([" name ", "", "phone", "phone", "a\nb", "phone", ""]) == [
        *("name", "column 2", "phone", "phone (2)", "a b", "phone (3)", "column 7"),
    ]  # fmt: skip
    assert column_names(["x", "x (2)", "x"]) == ["x", "x (2)", "x (3)"]


def test_the_first_of_two_equal_headers_holds_the_phone() -> None:
    columns = column_names(["phone", "phone"])
    assert find_phone_column(columns, None, LIST) == "phone"


def test_the_name_column() -> None:
    assert find_name_column(["phone", "First Name", "Nombre completo"]) == "Nombre completo"
    assert find_name_column(["phone", "city"]) is None


def test_other_columns_are_found_by_name_alone() -> None:
    assert find_column(["phone", "Occurred At"], "occurred_at") == "Occurred At"
    assert find_column(["phone"], "occurred_at") is None


def test_no_header_means_both_a_phone_and_a_name() -> None:
    assert set(PHONE_NAMES).isdisjoint(NAME_NAMES)
    assert len(PHONE_NAMES) == len(set(PHONE_NAMES))


def test_a_list_without_a_header_is_told_so() -> None:
    with pytest.raises(BadList, match=r"list.csv has no header, it begins with a row \(\+525555550101, Ana\); put"):
        find_phone_column(["+525555550101", "Ana"], None, Path("list.csv"))
