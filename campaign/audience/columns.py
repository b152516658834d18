"""The header of a list: clean column names, and which of them holds the phone and the name."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from campaign.errors import BadList
from campaign.names import listed

PHONE_NAMES = (
    *("whatsapp", "whatsapp number", "whatsapp phone", "número whatsapp", "número de whatsapp", "e164"),
    *("phone_e164", "mobile", "mobile number", "mobile phone", "mobile phone number", "cell", "cell phone"),
    *("cellphone", "cell number", "msisdn", "phone", "phone number", "phone no", "telephone", "telephone number"),
    *("tel", "tel no", "contact number"),
    # Spanish, Portuguese, French, Italian
    *("celular", "móvil", "teléfono móvil", "teléfono celular", "número de celular", "número celular", "teléfono"),
    *("número de teléfono", "número telefónico", "núm teléfono", "telemóvel", "telefone", "telefone celular"),
    *("número de telefone", "portable", "téléphone portable", "téléphone mobile", "téléphone", "numéro de téléphone"),
    *("numéro de portable", "cellulare", "numero di cellulare", "numero di telefono"),
    # German, Dutch, Polish, Turkish, Indonesian
    *("handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon", "telefon", "telefonnummer", "rufnummer"),
    *("mobiel", "mobiel nummer", "telefoon", "telefoonnummer", "gsm", "komórka", "numer telefonu"),
    *("telefon komórkowy", "cep telefonu", "telefon numarası", "nomor hp", "no hp", "nomor telepon"),
    # Russian, Arabic, Hindi, Chinese, Japanese, Korean
    *("телефон", "номер телефона", "мобильный телефон", "мобильный", "الهاتف", "رقم الهاتف", "الجوال", "رقم الجوال"),
    *("موبايل", "फ़ोन", "मोबाइल", "मोबाइल नंबर", "手机", "手机号", "手机号码", "电话", "电话号码", "電話", "電話番号"),
    *("携帯", "携帯番号", "전화번호", "휴대폰", "휴대전화"),
    # The platform's own id of a person: empty in our export for whoever was never written to.
    "wa_id",
    # So general that everything else comes before it.
    *("número", "number", "nummer"),
)
"""Headers that mean the phone, likeliest first, compared without capitals, accents and punctuation."""


class NoPhoneColumn(BadList):
    """No header says which of the `columns` holds the phone; a person has to."""

    def __init__(self, text: str, columns: Sequence[str]) -> None:
        super().__init__(text)
        self.columns = columns


_PHONE_WORDS = frozenset(
    (
        *("whatsapp", "mobile", "cellphone", "phone", "telephone", "celular", "movil", "telefono", "telemovel"),
        *("telefone", "cellulare", "handynummer", "mobilnummer", "telefonnummer", "telefoonnummer", "телефон"),
    )
)
"""Words that make a longer header a phone's, such as `Phone 1 - Value`, when no other header has one."""

NAME_NAMES = (
    *("name", "full name", "customer name", "contact name", "nombre completo", "nombre", "nombre y apellido"),
    *("nome completo", "nome", "nom complet", "nom", "vollständiger name", "first name", "firstname", "given name"),
    *("primer nombre", "primeiro nome", "prénom", "vorname", "voornaam", "naam", "imię i nazwisko", "imię", "ad soyad"),
    *("isim", "nama", "имя", "фио", "الاسم", "नाम", "姓名", "名前", "氏名", "이름"),
)


def column_names(cells: Sequence[str]) -> list[str]:
    """Header cells as column names: trimmed, the empty ones numbered, the second of a pair marked `(2)`."""
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column {position}"
        same, unique = 1, name
        while unique in names:
            same += 1
            unique = f"{name} ({same})"
        names.append(unique)
    return names


_LIKE_A_PHONE = re.compile(r"'?\+?[\d\s().-]{8,}")
_FEWEST_DIGITS = 9
"""Of a cell that is a phone and no date."""


def find_phone_column(columns: Sequence[str], wanted: str | None, path: Path) -> str:
    """The column that holds the phone: the one wanted, or the one whose header says so in any of our languages.

    raises  BadList naming the columns found; NoPhoneColumn where none was wanted and no header says so
    """
    found = _wanted(columns, wanted) if wanted else _named(columns, PHONE_NAMES) or _only_with_phone_word(columns)
    if found is not None:
        return found
    if wanted:
        raise BadList(f"{path} has no column {wanted} (found {listed(columns, most=12)}); correct --phone-column")
    names = listed(columns, most=12)
    if any(_LIKE_A_PHONE.fullmatch(column.strip()) for column in columns):
        words = f"{path} has no header, it begins with a row ({names}); put the names of the columns above it"
        raise NoPhoneColumn(words, columns)
    raise NoPhoneColumn(f"{path} has no phone column (found {names}); name it with --phone-column", columns)


def names_a_phone(header: Sequence[str]) -> bool:
    """Whether a header says by itself which of its columns holds the phone."""
    columns = column_names(header)
    return (_named(columns, PHONE_NAMES) or _only_with_phone_word(columns)) is not None


def looks_like_a_phone(cell: str) -> bool:
    """Whether a cell is so many digits that it can hardly be anything else."""
    return bool(_LIKE_A_PHONE.fullmatch(cell.strip())) and sum(map(str.isdigit, cell)) >= _FEWEST_DIGITS


def find_name_column(columns: Sequence[str]) -> str | None:
    """The column that holds the person's name, where a header says so."""
    return _named(columns, NAME_NAMES)


def find_column(columns: Sequence[str], *names: str) -> str | None:
    """The first column that has one of the names, however it is capitalised or spaced."""
    return _named(columns, names)


def _wanted(columns: Sequence[str], wanted: str) -> str | None:
    return wanted if wanted in columns else _named(columns, (wanted,))


def _named(columns: Sequence[str], names: Sequence[str]) -> str | None:
    # Reversed, so that of two equal headers the first one stays.
    by_name = {_plain(column): column for column in reversed(columns)}
    return next((by_name[name] for name in map(_plain, names) if name in by_name), None)


def _only_with_phone_word(columns: Sequence[str]) -> str | None:
    found = [column for column in columns if _PHONE_WORDS & set(_plain(column).split())]
    # Of two such headers nobody can say which is meant; a wrong guess would refuse every row.
    return found[0] if len(found) == 1 else None


def _plain(header: str) -> str:
    # Accents come apart from their letters and are dropped; so is a byte order mark in the middle of a file.
    letters = unicodedata.normalize("NFD", header.casefold())
    kept = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
    return " ".join(re.split(r"[\W_]+", kept)).strip()
