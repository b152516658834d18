"""COPY takes any text as it is."""

from sqlalchemy import text

from campaign.consent.copying import copy_rows
from models.session import Sessions


def test_every_text_arrives_as_it_was_sent(sessions: Sessions) -> None:
    awkward = [
        "a,b",
        'say "hi"',
        "two\nlines",
        "tab\there",
        "back\\slash",
        "\\N",
        "\\.",
        " spaced ",
        "Zoë 手机 🎉",
        "\r",
    ]
    with sessions() as session:
        session.execute(text("CREATE TEMP TABLE sent (place integer, value text) ON COMMIT DROP"))
        copy_rows(session, "COPY sent FROM STDIN (FORMAT csv)", enumerate(awkward))
        assert list(session.scalars(text("SELECT value FROM sent ORDER BY place"))) == awkward


def test_none_is_null_and_the_empty_text_too_unless_forced(sessions: Sessions) -> None:
    with sessions() as session:
        session.execute(text("CREATE TEMP TABLE sent (a text, b text NOT NULL) ON COMMIT DROP"))
        copy_rows(session, "COPY sent FROM STDIN (FORMAT csv, FORCE_NOT_NULL (b))", [(None, ""), ("", "x")])
        assert session.execute(text("SELECT a, b FROM sent")).all() == [(None, ""), (None, "x")]


def test_no_rows_are_fine(sessions: Sessions) -> None:
    with sessions() as session:
        session.execute(text("CREATE TEMP TABLE sent (a text) ON COMMIT DROP"))
        copy_rows(session, "COPY sent FROM STDIN (FORMAT csv)", [])
        assert session.scalar(text("SELECT count(*) FROM sent")) == 0
