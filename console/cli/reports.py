"""`campaign report`: what became of every row."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from console.cli.output import counted, say
from console.cli.stores import open_session

app = typer.Typer()


class ReportKind(StrEnum):
    """What a report has a line for."""

    RECIPIENTS = "recipients"
    SUMMARY = "summary"
    ERRORS = "errors"
    REJECTED = "rejected"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name.")]
Out = Annotated[Path, typer.Option(metavar="FILE", help="The CSV file to write.")]
Kind = Annotated[
    ReportKind,
    typer.Option(metavar="recipients|summary|errors|rejected", help="A line per row, state, error or refused row."),
]


@app.command("report", rich_help_panel="Campaigns")
def report(name: Name, out: Out, kind: Kind = ReportKind.RECIPIENTS) -> None:
    """Write what became of every uploaded row, as CSV."""
    from campaign.lifecycle import find_campaign
    from campaign.reports.write import write_report

    with open_session() as session:
        lines = write_report(session, find_campaign(session, name), kind.value, out)
    say(f"{counted(lines, 'line')} written to {out}.")
