"""`campaign contacts`: the people that lists have named, and one of them erased."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.confirm import confirmed
from console.cli.options import AsJson, Region, utc_now
from console.cli.output import all_or_nothing, counted, print_json, say, table, terminal, warn, words
from console.cli.people import SHOWN_REJECTED, Phone, Phones, Rejected, recorded_by
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from campaign.contacts.changed_numbers import OtherNumbers
    from campaign.contacts.erasure import Erased
    from campaign.contacts.kept_files import FileErased
    from campaign.contacts.load import ContactImport

app = typer.Typer(no_args_is_help=True, help="The people that lists have named; one of them erased.")

ContactsFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Column phone; optional name, time_zone; others are attributes.")
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="NAME=COLUMN", help="Which column is which, such as phone=Teléfono; repeats."),
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="The CSV to write.")]
Yes = Annotated[bool, typer.Option("--yes", metavar="", help="Do it without asking about other numbers.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="On whose word; kept with the erasure.")]


@app.command("import")
def import_(
    file: ContactsFile, map_: Map = None, region: Region = None, rejected: Rejected = None, as_json: AsJson = False
) -> None:
    """Take in a list of people: the newest value that is not empty wins. Whom it may write to, consent says."""
    from campaign.contacts.load import import_contacts
    from campaign.reports.refused_people import refused_people

    with all_or_nothing(file.name), open_session() as session, refused_people(rejected) as keep:
        known = {"region": region, "columns": map_ or (), "keep_refused": keep}
        result = import_contacts(session, file, now=utc_now(), **known)  # type: ignore[arg-type]
    _say_imported(result, as_json=as_json)


@app.command("export")
def export(out: Out) -> None:
    """Write all contacts as CSV: one line per person, one column per attribute."""
    from campaign.contacts.export import export_contacts

    with open_session() as session:
        lines = export_contacts(session, out)
    say(f"{counted(lines, 'contact')} in {out}.")


@app.command("show")
def show(phone: Phone, region: Region = None, as_json: AsJson = False) -> None:
    """Show everything that is held of one person, as they may ask to see it."""
    from campaign.contacts.record import person

    with open_session() as session:
        found = person(session, phone, now=utc_now(), region=region)
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        _show_part(name.replace("_", " "), value)


@app.command("erase")
def erase(
    phones: Phones, region: Region = None, reason: Reason = "asked by the person", yes: Yes = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Erase people for good: contact, messages' contents, webhooks, kept lists, themselves out of what they said.

    Under all of their numbers: others that the platform has told of are named first, and asked about.
    """
    from campaign.consent.erased import subject_key
    from campaign.contacts.changed_numbers import other_numbers
    from campaign.contacts.erasure import Request, erase, phone_of
    from campaign.settings import current_settings

    settings = current_settings()
    key = subject_key(settings)
    requests = [Request(phone, reason, recorded_by(), region) for phone in phones]
    named = [phone_of(each) for each in requests]
    with open_sessions() as sessions:
        with sessions() as session:
            others = {phone.e164: other_numbers(session, phone) for phone in named}
        if _say_others(others) and not confirmed("Erase these numbers too?", yes=yes):
            return
        done = [erase(sessions, settings, request, key, utc_now()) for request in requests]
    if as_json:
        print_json(done)
        return
    for erased in done:
        _say_erased(erased)


def _say_imported(result: "ContactImport", *, as_json: bool) -> None:
    from campaign.audience.reasons import SENTENCES

    refused = result.rejected_by_reason
    if as_json:
        counts = {"rows": result.rows, "added": result.added, "changed": result.changed, "refused": refused}
        print_json(counts | {"rejected": result.rejected})
        return
    people = f"{result.added:,} {'person' if result.added == 1 else 'people'} added, {result.changed:,} changed"
    say(f"{counted(result.rows, 'row')}: {people}, {counted(refused.total(), 'row')} refused.")
    for reason, count in refused.most_common():
        say(f"  {count:,} {reason}: {SENTENCES[reason]}")
    for row in result.rejected[:SHOWN_REJECTED]:
        warn(f"row {row.row_number}: {row.text}")


def _show_part(name: str, value: Any) -> None:
    if isinstance(value, dict):
        value = ", ".join(f"{key} {words(each)}" for key, each in value.items() if each is not None)
    if isinstance(value, list):
        say(f"{name}: {len(value)}")
        if value:
            terminal().print(table(list(value[0]), [row.values() for row in value]))
    elif value is not None:
        say(f"{name}: {words(value) or '-'}")


def _say_others(others: "Mapping[str, OtherNumbers]") -> bool:
    """Name the other numbers of people who are to be erased; whether there are any under which they would be."""
    also = {phone: [each for each in found.known if each.phone not in others] for phone, found in others.items()}
    for phone, found in others.items():
        for each in also[phone]:
            if each.until is None:
                warn(f"{phone} is also known by {each.phone}: the platform told of a change, or of the same user id")
            else:
                warn(
                    f"{phone} had {each.phone} until {each.until:%Y-%m-%d}; somebody else was heard of there since, "
                    "whose part is left"
                )
        for perhaps in sorted(set(found.perhaps) - others.keys()):
            warn(f"{perhaps} may be the same person's, which nothing proves: it is left, unless you name it too")
    return any(also.values())


def _say_erased(erased: "Erased") -> None:
    where = ", ".join(f"{table} {rows:,}" for table, rows in erased.removed.items())
    say(f"Erased (erasure {erased.erasure_id}): {where or 'nothing was held'}.")
    if erased.numbers:
        say(f"Also under {', '.join(each.phone for each in erased.numbers)}.")
    for file in erased.files:
        _say_file(file)
    for each in erased.lists:
        warn(
            f"the list {each['file_name']} of campaign {each['campaign']} is kept on another machine; give the same "
            "command there"
        )
    if erased.on_their_way:
        warn(
            f"{counted(erased.on_their_way, 'message')} to this person may still be reported on, with the phone; "
            "erase again when the campaign is completed"
        )


def _say_file(file: "FileErased") -> None:
    name = f"{file.file_name} ({file.sha256[:12]})" if file.sha256 else file.file_name
    if file.done == "rewritten":
        digest = f"; as it is now, its SHA-256 is {file.new_sha256}" if file.new_sha256 else ""
        say(f"Rewritten: {name}, {counted(file.rows, 'row')} emptied{digest}.")
    elif file.done == "deleted":
        say(f"Deleted: {name}; it named the person and could not be rewritten.")
    else:
        warn(f"{name} cannot be read, so nobody knows who is in it; campaign uploads remove {(file.sha256 or '')[:12]}")
