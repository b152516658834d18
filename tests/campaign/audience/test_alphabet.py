"""Letters beyond ASCII, in the encodings that lists come in without saying so."""

import pytest

from campaign.audience.alphabet import MOST_WORDS, encoding_of, odd_words

SPANISH = "nombre;móvil\nJosé Peña;1\nMaría Núñez;2\nÁlvaro;3\nRubén;4\nÍñigo – “el jefe”;5\n"
FRENCH = "prénom;ville\nHélène;L’Haÿ\nÉloïse;Œuilly\nFrançois;Bœuf-sur-l’Île\n"
GERMAN = "Vorname;Straße\nJörg;Königstraße 5\nÜbül;Ärztehaus\nJürgen;Plan–A\n"
SLOVENE = "ime;kraj\nŽiga;Šiška\nUroš;Škofja\n"


def told(content: bytes) -> str | None:
    return encoding_of(list(odd_words(content, MOST_WORDS)))


@pytest.mark.parametrize(
    "text", [SPANISH, FRENCH, GERMAN, SLOVENE, "name;offer\nAna;Madrid–Roma…hoy\nBo;15 € off Acme™Pro\n"]
)
def test_western_windows(text: str) -> None:
    assert told(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("text", [SPANISH, FRENCH, GERMAN])
def test_a_mac_that_saves_csv_as_it_likes(text: str) -> None:
    assert told(text.encode("mac-roman")) == "mac-roman"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "имя;телефон\nАлександр;1\nИван;2\n"),
        ("cp1253", "όνομα;τηλέφωνο\nΓιώργος;1\n"),
        ("cp1256", "الاسم;الهاتف\nمحمد;1\n"),
        ("gbk", "姓名,手机\n王小明,1\n"),
        ("euc-kr", "이름,전화\n김철수,1\n"),
        ("shift-jis", "name,phone\n山田 太郎,1\n佐藤 花子,2\n鈴木 一郎,3\n"),
    ],
)
def test_another_alphabet_is_not_guessed(encoding: str, text: str) -> None:
    assert told(text.encode(encoding)) is None


@pytest.mark.parametrize("text", [SPANISH, "имя;телефон\nАлександр;1\nИван;2\n", "姓名,手机\n王小明,1\n李雷,2\n"])
def test_a_stray_byte_does_not_cost_every_cell_its_letters(text: str) -> None:
    assert told(text.encode() + b"Jos\xe9;9\n") == "utf-8"


def test_only_so_many_words_are_looked_at_and_plain_blocks_not_at_all() -> None:
    assert list(odd_words(b"plain" * 1000, 5)) == []
    assert len(list(odd_words("é ".encode() * 100, 5))) == 5
