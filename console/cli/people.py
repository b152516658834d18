"""What the commands about people share: their options, and how a list that was recorded is told."""

from collections.abc import Iterable
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.options import ConsentCategory, instant
from console.cli.output import counted, print_json, say, warn

if TYPE_CHECKING:
    from campaign.consent.ledger import ConsentImport

SHOWN_REJECTED = 10
COMMAND_LINE = "command line"
CATEGORIES = "marketing, utility, authentication or all"

Phone = Annotated[str, typer.Argument(metavar="PHONE", help="A phone, with + and country code or with --region.")]
MaybePhone = Annotated[str | None, typer.Argument(metavar="PHONE", help="Only this person.")]
Phones = Annotated[list[str], typer.Argument(metavar="PHONE", help="Phones, with + and country code.")]
MaybePhones = Annotated[list[str] | None, typer.Argument(metavar="PHONE", help="Phones, with + and country code.")]
PhonesFile = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A list with a phone column.")]
Until = Annotated[datetime | None, typer.Option(parser=instant, metavar="ISO8601", help="Ends by itself then.")]
Limit = Annotated[int, typer.Option(min=1, metavar="N", help="The newest so many.")]
Source = Annotated[str, typer.Option(metavar="TEXT", help="Where this is known from.")]
MaybeSource = Annotated[str | None, typer.Option("--source", metavar="TEXT", help="Where the file names no source.")]
Rejected = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the rows that were not recorded, as CSV, to be mended.")
]
Why = Annotated[str | None, typer.Option(metavar="TEXT", help="Why this is done; kept with it.")]
Banned = Annotated[ConsentCategory, typer.Option(metavar="C", help=f"Which messages: {CATEGORIES}.")]
MaybeBanned = Annotated[ConsentCategory | None, typer.Option(metavar="C", help="Only the bans for this category.")]


def recorded_by() -> str:
    """Who works this command line, as far as the system knows."""
    try:
        return f"{COMMAND_LINE}: {getuser()}"
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return COMMAND_LINE


def phones_or_file(phones: list[str] | None, file: Path | None) -> Iterable[str]:
    """The phones that were named, or those of a list."""
    from campaign.consent.ledger import phones_in

    if bool(phones) == bool(file):
        raise typer.BadParameter("name phones, or a list with --file", param_hint="PHONE")
    return phones_in(file) if file else phones or ()


def say_recorded(result: "ConsentImport", what: str, *, as_json: bool = False, all_or_1: bool = False) -> None:
    """Tell what was recorded; `all_or_1` exits with 1 when anything was refused."""
    from campaign.audience.reasons import SENTENCES
    from campaign.names import listed

    refused = result.rejected_by_reason
    if as_json:
        counts = {"rows": result.rows, "recorded": result.recorded, "known": result.known, "refused": refused}
        print_json(counts | {"rejected": result.rejected, "unread": result.unread})
        return
    ended = f"{result.recorded:,} recorded, {result.known:,} known before, {refused.total():,} refused"
    say(f"{counted(result.rows, what)}: {ended}.")
    for reason, count in refused.most_common():
        say(f"  {count:,} {reason}: {SENTENCES[reason]}")
    for row in result.rejected[:SHOWN_REJECTED]:
        warn(f"{what} {row.row_number}: {row.text}")
    if (more := refused.total() - SHOWN_REJECTED) > 0:
        warn(f"{counted(more, f'more {what}')} refused")
    if result.unread:
        warn(f"not read: {listed(result.unread, most=12)}; --map says what a column means, such as action=COLUMN")
    if all_or_1 and result.rejected:
        raise typer.Exit(1)


def ban_facts(ban: Any) -> dict[str, Any]:
    """A suppression as it is listed."""
    names = ("category", "reason", "until", "source", "created_at")
    return {"phone": ban.phone_e164} | {name: getattr(ban, name) for name in names}
