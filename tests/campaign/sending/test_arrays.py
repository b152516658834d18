"""Array literals as PostgreSQL reads them."""

from datetime import UTC, datetime

from sqlalchemy import text

from campaign.sending.arrays import array_literal, text_array_literal
from models.session import Sessions

TEXTS = ["plain", None, "", "NULL", 'say "no"', "back\\slash", "{a,b}", " blank ", "línea\nnueva", "'", "\\N"]


def test_texts_come_back_as_they_were(sessions: Sessions) -> None:
    with sessions() as session:
        found = session.scalar(text("SELECT CAST(:texts AS text[])"), {"texts": text_array_literal(TEXTS)})
    assert found == TEXTS


def test_numbers_times_and_truths_come_back_as_they_were(sessions: Sessions) -> None:
    noon = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
    columns = {"bigint": [2**40, None, -1], "timestamptz": [noon, None], "boolean": [True, False, None], "int": []}
    with sessions() as session:
        for kind, values in columns.items():
            found = session.scalar(text(f"SELECT CAST(:given AS {kind}[])"), {"given": array_literal(values)})
            assert found == values
