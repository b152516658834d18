"""`campaign suppressions`: phones that must not be written to, and who decided that."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from console.cli.options import AsJson, ConsentCategory, Region, utc_now
from console.cli.output import all_or_nothing, counted, say, show_listing
from console.cli.people import (
    COMMAND_LINE,
    Banned,
    Limit,
    MaybeBanned,
    MaybePhone,
    Phones,
    Rejected,
    Source,
    Until,
    Why,
    ban_facts,
    recorded_by,
    say_recorded,
)
from console.cli.stores import open_session

app = typer.Typer(no_args_is_help=True, help="Phones that must not be written to.")


class BanReason(StrEnum):
    """Why a phone is not to be written to, as the command line names it."""

    MANUAL = "manual"
    OPTED_OUT = "opted_out"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    EXPERIMENT = "experiment"


BansFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Columns phone; optional category, reason, until, source.")
]
Reason = Annotated[BanReason, typer.Option(metavar="R", help="Why: manual, opted_out, not_on_whatsapp or experiment.")]


@app.command("list")
def list_(limit: Limit = 1000, as_json: AsJson = False) -> None:
    """List the phones that must not be written to now, newest first."""
    from campaign.consent.suppressions import active

    with open_session() as session:
        rows = [ban_facts(ban) for ban in active(session, now=utc_now(), limit=limit)]
    columns = ("phone", "category", "reason", "until", "source", "created_at")
    show_listing(rows, as_json=as_json, columns=columns, empty="Nobody is suppressed.")


@app.command("add")
def add(
    phones: Phones, category: Banned = ConsentCategory.ALL, until: Until = None, source: Source = COMMAND_LINE,
    region: Region = None, reason: Reason = BanReason.MANUAL, why: Why = None,
) -> None:  # fmt: skip
    """Forbid writing to phones, for good or until a time, whatever they agreed to."""
    from campaign.consent.suppressions import suppress
    from models.people import Category, SuppressionReason

    known = {"until": until, "source_text": source, "region": region, "recorded_by": recorded_by(), "why": why}
    with open_session() as session:
        terms = {"category": Category(category), "reason": SuppressionReason(reason)}
        count = suppress(session, phones, **terms, **known)  # type: ignore[arg-type]
    say(f"{counted(count, 'phone')} suppressed.")


@app.command("import")
def import_(
    file: BansFile, category: Banned = ConsentCategory.ALL, until: Until = None, source: Source = COMMAND_LINE,
    region: Region = None, reason: Reason = BanReason.MANUAL, why: Why = None, rejected: Rejected = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Forbid writing to the people of a list. A row that cannot be used is told, and ends nothing."""
    from campaign.consent.suppressions import BanDefaults, import_bans
    from campaign.reports.refused_people import refused_people
    from models.people import Category, SuppressionReason

    defaults = BanDefaults(source, Category(category), SuppressionReason(reason), until)
    with all_or_nothing(file.name), open_session() as session, refused_people(rejected) as keep:
        known = {"region": region, "recorded_by": recorded_by(), "why": why, "keep_refused": keep}
        result = import_bans(session, file, defaults, **known)  # type: ignore[arg-type]
    say_recorded(result, "row", as_json=as_json)


@app.command("remove")
def remove(phones: Phones, category: MaybeBanned = None, region: Region = None, why: Why = None) -> None:
    """Lift the bans on phones; consent is still needed to write to them."""
    from campaign.consent.suppressions import lift
    from models.people import Category

    known = {"category": Category(category) if category else None, "region": region}
    with open_session() as session:
        count = lift(session, phones, **known, recorded_by=recorded_by(), why=why)  # type: ignore[arg-type]
    say(f"{counted(count, 'suppression')} lifted.")


@app.command("history")
def history(phone: MaybePhone = None, limit: Limit = 1000, region: Region = None, as_json: AsJson = False) -> None:
    """Show what was done to suppressions, by whom, when and why; newest first."""
    from campaign.consent.suppressions import history

    with open_session() as session:
        rows = [
            {"phone": each.phone_e164} | {name: getattr(each, name) for name in _TOLD}
            for each in history(session, phone, region=region, limit=limit)
        ]
    show_listing(rows, as_json=as_json, columns=("phone", *_TOLD), empty="Nothing was done to suppressions.")


_TOLD = ("action", "category", "reason", "until", "source", "recorded_by", "recorded_at", "why")
