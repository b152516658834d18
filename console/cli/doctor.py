"""`campaign doctor`: is everything there that a campaign needs?"""

import os
from dataclasses import asdict

import typer

from console.cli.options import AsJson
from console.cli.output import print_json, say

app = typer.Typer()


@app.command("doctor", rich_help_panel="Start")
def doctor(as_json: AsJson = False) -> None:
    """Check stores, schema, broker, receiver, clocks and secrets. Exit code 1 when something keeps it from working."""
    from campaign.settings import current_settings
    from console.doctor import Verdict, look

    findings = list(look(current_settings(), os.environ))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.verdict:8} {finding.what}: {finding.text}")
    if any(finding.verdict is Verdict.FAILED for finding in findings):
        raise typer.Exit(1)
