"""`campaign consent`: who agreed, how that is proven, and whether the ledger is as it was written."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.options import AsJson, CampaignName, ConsentCategory, Region, utc_now
from console.cli.output import (
    all_or_nothing,
    counted,
    fail,
    print_json,
    say,
    show_facts,
    show_listing,
    table,
    terminal,
    words,
)
from console.cli.people import (
    CATEGORIES,
    COMMAND_LINE,
    MaybePhone,
    MaybePhones,
    MaybeSource,
    Phone,
    Phones,
    PhonesFile,
    Rejected,
    Source,
    ban_facts,
    phones_or_file,
    recorded_by,
    say_recorded,
)
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from campaign.consent.ledger import ConsentImport, PersonRecord

app = typer.Typer(no_args_is_help=True, help="Who agreed to be written to; without consent nobody is.")

Category = Annotated[
    ConsentCategory, typer.Option(metavar="C", help=f"What they agreed to, or no longer do: {CATEGORIES}.")
]
ConsentFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Columns phone; optional category, source, occurred_at, proof, action.")
]
IfNone = Annotated[
    ConsentCategory | None,
    typer.Option("--category", metavar="C", help=f"Where the file names none: {CATEGORIES}."),
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="NAME=COLUMN", help="Which column is which, such as phone=Teléfono; repeats."),
]
Proof = Annotated[str | None, typer.Option(metavar="TEXT", help="What proves it: an address, a form, a call.")]
Expect = Annotated[
    str | None, typer.Option(metavar="DIGEST", help="Digest of a seal, noted earlier: it must still be there.")
]
ProofOut = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Every message of the campaign, as CSV.")]
Days = Annotated[int | None, typer.Option(min=1, metavar="N", help="Opt-ins count so many days.")]
Never = Annotated[bool, typer.Option("--never", metavar="", help="Opt-ins count for good.")]
OfCategory = Annotated[ConsentCategory | None, typer.Option(metavar="C", help="marketing, utility or authentication.")]


@app.command("import")
def import_(
    file: ConsentFile, category: IfNone = None, source: MaybeSource = None, region: Region = None, map_: Map = None,
    rejected: Rejected = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Record a list of people who agreed. A row that cannot be used is told, and ends nothing."""
    from campaign.consent.ledger import import_consent
    from campaign.reports.refused_people import refused_people

    known = {"category": category, "source_text": source, "region": region, "columns": map_ or ()}

    def record(session: "Session") -> "ConsentImport":
        with all_or_nothing(file.name), refused_people(rejected) as keep:
            return import_consent(
                session, file, **known, now=utc_now(), recorded_by=recorded_by(), keep_refused=keep  # type: ignore[arg-type]
            )  # fmt: skip

    say_recorded(_recorded(record), "row", as_json=as_json)


@app.command("grant")
def grant(
    phones: Phones, category: Category, source: Source = COMMAND_LINE, proof: Proof = None, region: Region = None
) -> None:
    """Record that people agreed, now."""
    from campaign.consent.ledger import grant

    known = {"category": category, "source_text": source, "region": region, "proof": proof}
    result = _recorded(lambda session: grant(session, phones, **known, now=utc_now(), recorded_by=recorded_by()))  # type: ignore[arg-type]
    say_recorded(result, "phone", all_or_1=True)


@app.command("withdraw")
def withdraw(
    phones: MaybePhones = None, file: PhonesFile = None, category: Category = ConsentCategory.ALL,
    source: Source = COMMAND_LINE, region: Region = None, proof: Proof = None,
) -> None:  # fmt: skip
    """Record that people withdrew, now: it counts for every message that has not left yet."""
    from campaign.consent.ledger import withdraw

    known = {"category": category, "source_text": source, "region": region, "proof": proof}
    every = phones_or_file(phones, file)
    result = _recorded(lambda session: withdraw(session, every, **known, now=utc_now(), recorded_by=recorded_by()))  # type: ignore[arg-type]
    say_recorded(result, "phone", all_or_1=True)


@app.command("show")
def show(phone: Phone, region: Region = None, as_json: AsJson = False) -> None:
    """Show all that a person said, and what may be sent to them now."""
    from campaign.consent.ledger import show

    with open_session() as session:
        record = show(session, phone, region=region, now=utc_now())
    if as_json:
        print_json(_facts(record))
    else:
        _show_record(record)


@app.command("prove")
def prove(
    campaign: CampaignName, phone: MaybePhone = None, out: ProofOut = None, region: Region = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what allowed a message: the consent in force when it was claimed, its source and wording, and its seal."""
    from campaign.contacts.proof import prove, write_proofs

    if (phone is None) == (out is None):
        raise typer.BadParameter("name a phone, or a file for all of them with --out", param_hint="PHONE")
    with open_session() as session:
        if out is not None:
            lines = write_proofs(session, campaign, out, now=utc_now())
            say(f"{counted(lines, 'message')} with their consent in {out}.")
        else:
            show_facts(prove(session, campaign, phone or "", now=utc_now(), region=region), as_json=as_json)


@app.command("verify")
def verify(expect: Expect = None, as_json: AsJson = False) -> None:
    """Check that no event has been changed, removed or slipped in since it was sealed; exit code 1 if one was."""
    from campaign.consent.seals import verify

    with open_session() as session:
        found = verify(session, expect=expect)
    if as_json:
        print_json({"intact": found.intact, **{name: getattr(found, name) for name in _VERIFIED}})
    else:
        state = "intact" if found.intact else f"NOT intact: {counted(found.fault_count, 'fault')}"
        erased = f", {found.erased:,} of them without their person ({counted(found.erasures, 'erasure')})"
        say(
            f"{counted(found.events, 'event')} in {counted(found.seals, 'seal')}{erased * bool(found.erased)}: {state}."
        )
        say(f"{counted(found.tail, 'event')} not sealed yet. Newest seal: {found.head or 'none'}")
    for fault in found.faults:
        fail(fault, code=1)
    if not found.intact:
        raise typer.Exit(1)


_VERIFIED = ("events", "seals", "tail", "erased", "erasures", "fault_count", "faults", "head")


@app.command("expiry")
def expiry(category: OfCategory = None, days: Days = None, never: Never = False, as_json: AsJson = False) -> None:
    """Show how long opt-ins count, or set it for a category with --days or --never."""
    from campaign.consent.expiry import lifetimes, set_lifetime

    if (category is None) != (days is None and not never) or (days is not None and never):
        raise typer.BadParameter("give --category with either --days or --never, or nothing to see them")
    with open_session() as session:
        if category is not None:
            set_lifetime(session, category, days, recorded_by=recorded_by(), now=utc_now())
        lives = lifetimes(session)
    rows = [{"category": name, "days": lives[name].days if name in lives else None} for name in _OF_MESSAGES]
    show_listing(rows, as_json=as_json, columns=("category", "days"), empty="")


_OF_MESSAGES = ("marketing", "utility", "authentication")


def _recorded(record: "Callable[[Session], ConsentImport]") -> "ConsentImport":
    """Record something, and seal it at once, so that nobody has to wait for a sweep."""
    from campaign.consent.seals import seal_events
    from campaign.settings import current_settings
    from models.session import session_scope

    with open_sessions() as sessions:
        with session_scope(sessions) as session:
            result = record(session)
        seal_events(sessions, most=current_settings().seal_events, now=utc_now(), patience_s=0.5)
    return result


def _facts(record: "PersonRecord") -> dict[str, Any]:
    names = ("category", "action", "source", "proof", "occurred_at", "recorded_by", "recorded_at")
    return {
        "phone": record.phone.e164,
        "region": record.phone.region,
        "may_write": {
            category: getattr(decision, "reason", "allowed") for category, decision in record.decisions.items()
        },
        "events": [{"id": event.id} | {name: getattr(event, name) for name in names} for event in record.events],
        "suppressions": [ban_facts(ban) for ban in record.suppressions],
        "erased_at": record.erased_at,
    }


def _show_record(record: "PersonRecord") -> None:
    say(f"{record.phone.e164} ({record.phone.region or 'country unknown'})")
    for category, decision in record.decisions.items():
        say(f"  {category}: {getattr(decision, 'reason', 'may be written to')}")
    events = [(event.occurred_at, event.action, event.category, event.source, event.proof) for event in record.events]
    if events:
        terminal().print(table(("when", "action", "category", "source", "proof"), events))
    for ban in record.suppressions:
        say(f"  suppressed: {ban.category}, {ban.reason}, {f'until {words(ban.until)}' if ban.until else 'for good'}")
    if record.erased_at:
        say(f"  erased on {words(record.erased_at)}; what they said is kept without them")
