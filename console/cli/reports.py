"""`campaign report`: what became of every row, and whether a report still holds."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.errors import Conflict, UsageError
from console.cli.options import AsJson
from console.cli.output import counted, print_json, say
from console.cli.stores import open_session

if TYPE_CHECKING:
    from campaign.reports.told import Verified
    from campaign.reports.totals import Totals

app = typer.Typer()

VERIFY = "verify"


class ReportKind(StrEnum):
    """What a report has a line for."""

    RECIPIENTS = "recipients"
    SUMMARY = "summary"
    ERRORS = "errors"
    REJECTED = "rejected"
    REPLIES = "replies"


KINDS = "|".join(ReportKind)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name; or verify, with a FILE.")]
File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="After verify: a report of any kind.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="The CSV file to write; - is standard output.")]
Kind = Annotated[
    ReportKind, typer.Option(metavar=KINDS, help="A line per row, per figure, error, refused row or reply.")
]
TotalsFile = Annotated[
    Path | None, typer.Option("--totals", metavar="FILE", help="Totals and hash as JSON, too; verify reads them.")
]
OfCampaign = Annotated[
    str | None,
    typer.Option("--campaign", metavar="NAME", help="With verify: whose report it is, if the file cannot tell."),
]


@app.command("report", rich_help_panel="Campaigns")
def report(
    name: Name,
    file: File = None,
    out: Out = None,
    kind: Kind = ReportKind.RECIPIENTS,
    totals: TotalsFile = None,
    campaign: OfCampaign = None,
    as_json: AsJson = False,
) -> None:
    """Write what became of every uploaded row, as CSV; or verify a report: `campaign report verify FILE`."""
    if name == VERIFY and file is not None:
        _verify(file, campaign, totals, as_json=as_json)
    elif file is not None:
        raise UsageError(f"{file} is one argument too many; a report goes to --out {file}")
    elif out is None:
        raise UsageError("a report needs --out FILE, or --out - for standard output")
    else:
        _write(name, kind, out, totals, as_json=as_json)


def _write(name: str, kind: ReportKind, out: Path, totals_file: Path | None, *, as_json: bool) -> None:
    from campaign.lifecycle import find_campaign
    from campaign.reports.csv_file import STDOUT
    from campaign.reports.totals import totals_of
    from campaign.reports.write import write_report, write_totals

    with open_session() as session:
        campaign = find_campaign(session, name)
        totals = totals_of(session, campaign, kind, write_report(session, campaign, kind.value, out))
    if totals_file is not None:
        write_totals(totals, totals_file)
    if out == STDOUT:
        # The file has standard output for itself.
        sys.stderr.write("".join(f"{line}\n" for line in _totals_words(totals, out)))
    elif as_json:
        print_json(totals)
    else:
        for line in _totals_words(totals, out):
            say(line)


def _totals_words(totals: "Totals", out: Path) -> list[str]:
    counts = ", ".join(f"{count:,} {word}" for word, count in sorted(totals.counts.items()))
    said = [f"{counted(totals.lines, 'line')} written to {out}{': ' if counts else ''}{counts}."]
    if totals.due is not None:
        thing = "rows uploaded" if totals.kind == "recipients" else "rows refused"
        verb = "They are the" if totals.adds_up else "THEY ARE NOT the"
        said.append(f"{verb} {totals.due:,} {thing}.")
    if totals.snapshot:
        may = f", {counted(totals.open, 'row')} may still change" if totals.open else ""
        said.append(f"The campaign is {totals.state}: this is a snapshot{may}.")
    said.append(f"sha256 {totals.sha256}")
    return said


def _verify(file: Path, campaign: str | None, totals: Path | None, *, as_json: bool) -> None:
    from campaign.reports.verify import verify_report

    with open_session() as session:
        found = verify_report(session, file, campaign, totals)
    if as_json:
        print_json(found)
    if not found.holds:
        more = f"; {counted(found.altered, 'line')} differ in all" if found.altered > 1 else ""
        raise Conflict(f"{file} does not hold for campaign {found.campaign}: {found.wrong}{more}")
    if not as_json:
        for line in _verified_words(found, file):
            say(line)


def _verified_words(found: "Verified", file: Path) -> list[str]:
    said = [f"{file} holds for campaign {found.campaign}: {counted(found.same, 'line')} as the database has them."]
    if found.changed:
        most_first = sorted(found.changed.items(), key=lambda item: -item[1])
        how = ", ".join(f"{count:,} {move}" for move, count in most_first)
        said.append(f"{counted(sum(found.changed.values()), 'line')} changed since, by what came later: {how}.")
        said.append(f"The first is {found.first}.")
    return said
