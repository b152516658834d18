"""`campaign consent` and `campaign suppressions`: who agreed, and who must not be written to."""

from collections.abc import Iterable
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.options import AsJson, ConsentCategory, Region, instant, utc_now
from console.cli.output import counted, print_json, say, show_listing, table, terminal, warn, words
from console.cli.stores import open_session

if TYPE_CHECKING:
    from campaign.consent.ledger import ConsentImport, PersonRecord

consent = typer.Typer(no_args_is_help=True, help="Who agreed to be written to; without consent nobody is.")
suppressions = typer.Typer(no_args_is_help=True, help="Phones that must not be written to.")

SHOWN_REJECTED = 10
COMMAND_LINE = "command line"

Phone = Annotated[str, typer.Argument(metavar="PHONE", help="A phone, with + and country code or with --region.")]
Phones = Annotated[list[str], typer.Argument(metavar="PHONE", help="Phones, with + and country code.")]
MaybePhones = Annotated[list[str] | None, typer.Argument(metavar="PHONE", help="Phones, with + and country code.")]
CATEGORIES = "marketing, utility, authentication or all"
Category = Annotated[
    ConsentCategory, typer.Option(metavar="C", help=f"What they agreed to, or no longer do: {CATEGORIES}.")
]
Banned = Annotated[ConsentCategory, typer.Option(metavar="C", help=f"Which messages: {CATEGORIES}.")]
MaybeBanned = Annotated[ConsentCategory | None, typer.Option(metavar="C", help="Only the bans for this category.")]
Until = Annotated[datetime | None, typer.Option(parser=instant, metavar="ISO8601", help="Ends by itself then.")]
ConsentFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Columns phone; optional category, source, occurred_at, proof.")
]
PhonesFile = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A list with a phone column.")]
IfNone = Annotated[
    ConsentCategory | None,
    typer.Option("--category", metavar="C", help=f"Where the file names none: {CATEGORIES}."),
]
MaybeSource = Annotated[str | None, typer.Option("--source", metavar="TEXT", help="Where the file names no source.")]
Limit = Annotated[int, typer.Option(min=1, metavar="N", help="The newest so many.")]
Source = Annotated[str, typer.Option(metavar="TEXT", help="Where this is known from.")]
Proof = Annotated[str | None, typer.Option(metavar="TEXT", help="What proves it: an address, a form, a call.")]


@consent.command("import")
def import_(
    file: ConsentFile,
    category: IfNone = None,
    source: MaybeSource = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Record a list of people who agreed. A row that cannot be used is told, and ends nothing."""
    from campaign.consent.ledger import import_consent

    known = {"category": category, "source_text": source, "region": region}
    with open_session() as session:
        result = import_consent(session, file, **known, now=utc_now(), recorded_by=_recorded_by())
    _say_recorded(result, "row", as_json=as_json)


@consent.command("grant")
def grant(
    phones: Phones, category: Category, source: Source = COMMAND_LINE, proof: Proof = None, region: Region = None
) -> None:
    """Record that people agreed, now."""
    from campaign.consent.ledger import grant

    known = {"category": category, "source_text": source, "region": region, "proof": proof}
    with open_session() as session:
        result = grant(session, phones, **known, now=utc_now(), recorded_by=_recorded_by())  # type: ignore[arg-type]
    _say_recorded(result, "phone", all_or_1=True)


@consent.command("withdraw")
def withdraw(
    phones: MaybePhones = None, file: PhonesFile = None, category: Category = ConsentCategory.ALL,
    source: Source = COMMAND_LINE, region: Region = None,
) -> None:  # fmt: skip
    """Record that people withdrew, now: it counts for every message that has not left yet."""
    from campaign.consent.ledger import withdraw

    known = {"category": category, "source_text": source, "region": region}
    every = _phones(phones, file)
    with open_session() as session:
        result = withdraw(session, every, **known, now=utc_now(), recorded_by=_recorded_by())  # type: ignore[arg-type]
    _say_recorded(result, "phone", all_or_1=True)


@consent.command("show")
def show(phone: Phone, region: Region = None, as_json: AsJson = False) -> None:
    """Show what a person said, and what may be sent to them now."""
    from campaign.consent.ledger import show

    with open_session() as session:
        record = show(session, phone, region=region, now=utc_now())
    if as_json:
        print_json(_facts(record))
    else:
        _show_record(record)


@suppressions.command("list")
def list_(limit: Limit = 1000, as_json: AsJson = False) -> None:
    """List the phones that must not be written to now, newest first."""
    from campaign.consent.suppressions import active

    with open_session() as session:
        rows = [_ban(ban) for ban in active(session, now=utc_now(), limit=limit)]
    columns = ("phone", "category", "reason", "until", "source", "created_at")
    show_listing(rows, as_json=as_json, columns=columns, empty="Nobody is suppressed.")


@suppressions.command("add")
def add(
    phones: Phones, category: Banned = ConsentCategory.ALL, until: Until = None, source: Source = COMMAND_LINE,
    region: Region = None,
) -> None:  # fmt: skip
    """Forbid writing to phones, for good or until a time, whatever they agreed to."""
    from campaign.consent.suppressions import suppress
    from models.people import Category

    known = {"category": Category(category), "until": until, "source_text": source, "region": region}
    with open_session() as session:
        count = suppress(session, phones, **known)  # type: ignore[arg-type]
    say(f"{counted(count, 'phone')} suppressed.")


@suppressions.command("remove")
def remove(phones: Phones, category: MaybeBanned = None, region: Region = None) -> None:
    """Lift the bans on phones; consent is still needed to write to them."""
    from campaign.consent.suppressions import lift
    from models.people import Category

    with open_session() as session:
        count = lift(session, phones, category=Category(category) if category else None, region=region)
    say(f"{counted(count, 'suppression')} lifted.")


def _phones(phones: list[str] | None, file: Path | None) -> Iterable[str]:
    from campaign.consent.ledger import phones_in

    if bool(phones) == bool(file):
        raise typer.BadParameter("name phones, or a list with --file", param_hint="PHONE")
    return phones_in(file) if file else phones or ()


def _say_recorded(result: "ConsentImport", what: str, *, as_json: bool = False, all_or_1: bool = False) -> None:
    """Tell what was recorded; `all_or_1` exits with 1 when anything was refused."""
    from campaign.audience.reasons import SENTENCES

    refused = result.rejected_by_reason
    if as_json:
        counts = {"rows": result.rows, "recorded": result.recorded, "known": result.known, "refused": refused}
        print_json(counts | {"rejected": result.rejected})
        return
    ended = f"{result.recorded:,} recorded, {result.known:,} known before, {refused.total():,} refused"
    say(f"{counted(result.rows, what)}: {ended}.")
    for reason, count in refused.most_common():
        say(f"  {count:,} {reason}: {SENTENCES[reason]}")
    for row in result.rejected[:SHOWN_REJECTED]:
        warn(f"{what} {row.row_number}: {row.text}")
    if all_or_1 and result.rejected:
        raise typer.Exit(1)


def _facts(record: "PersonRecord") -> dict[str, Any]:
    names = ("category", "action", "source", "proof", "occurred_at", "recorded_by", "recorded_at")
    return {
        "phone": record.phone.e164,
        "region": record.phone.region,
        "may_write": {
            category: getattr(decision, "reason", "allowed") for category, decision in record.decisions.items()
        },
        "events": [{name: getattr(event, name) for name in names} for event in record.events],
        "suppressions": [_ban(ban) for ban in record.suppressions],
    }


def _ban(ban: Any) -> dict[str, Any]:
    names = ("category", "reason", "until", "source", "created_at")
    return {"phone": ban.phone_e164} | {name: getattr(ban, name) for name in names}


def _recorded_by() -> str:
    try:
        return f"{COMMAND_LINE}: {getuser()}"
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return COMMAND_LINE


def _show_record(record: "PersonRecord") -> None:
    say(f"{record.phone.e164} ({record.phone.region or 'country unknown'})")
    for category, decision in record.decisions.items():
        say(f"  {category}: {getattr(decision, 'reason', 'may be written to')}")
    events = [(event.occurred_at, event.action, event.category, event.source, event.proof) for event in record.events]
    if events:
        terminal().print(table(("when", "action", "category", "source", "proof"), events))
    for ban in record.suppressions:
        say(f"  suppressed: {ban.category}, {ban.reason}, {f'until {words(ban.until)}' if ban.until else 'for good'}")
