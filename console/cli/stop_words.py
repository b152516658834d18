"""`campaign stop-words`: the words by which people stop, and start again."""

from enum import StrEnum
from typing import Annotated

import typer

from console.cli.options import AsJson, utc_now
from console.cli.output import say, show_listing
from console.cli.people import recorded_by
from console.cli.stores import open_session

app = typer.Typer(no_args_is_help=True, help="The words by which a reply opts out, or in again.")


class Kind(StrEnum):
    """What a word asks for, as the command line names it."""

    STOP = "stop"
    START = "start"


Word = Annotated[str, typer.Argument(metavar="WORD", help="The whole message; case, accents and signs do not count.")]
KindOption = Annotated[Kind, typer.Option(metavar="stop|start", help="What the word asks for.")]
Language = Annotated[str, typer.Option(metavar="CODE", help="Of what language it is, for the reader; all count.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List every word, built in or added, and those that were taken off."""
    from campaign.consent.words import list_words

    with open_session() as session:
        rows = [
            {"kind": each.kind, "language": each.language, "word": each.word, "origin": each.origin,
             "counts": each.active}
            for each in list_words(session)
        ]  # fmt: skip
    show_listing(rows, as_json=as_json, columns=("kind", "language", "word", "origin", "counts"), empty="No words.")


@app.command("add")
def add(word: Word, kind: KindOption = Kind.STOP, language: Language = "any") -> None:
    """Let a word count, from the next reply on."""
    from campaign.consent.words import add_word
    from models.consent import WordKind

    with open_session() as session:
        add_word(session, word, kind=WordKind(kind), language=language, recorded_by=recorded_by(), now=utc_now())
    say(f"{word} is a {kind} word now.")


@app.command("remove")
def remove(word: Word, kind: KindOption = Kind.STOP) -> None:
    """Let a word no longer count, built in or added."""
    from campaign.consent.words import remove_word
    from models.consent import WordKind

    with open_session() as session:
        remove_word(session, word, kind=WordKind(kind), recorded_by=recorded_by(), now=utc_now())
    say(f"{word} is no {kind} word any more.")
