"""`campaign demo`, `up`, `migrate`: what makes the engine run."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.cli.options import ProviderName
from console.cli.output import say

app = typer.Typer()
PANEL = "Start"


@app.command("demo", rich_help_panel=PANEL)
def demo(
    rows: Annotated[int, typer.Option(min=1, metavar="N", help="Rows of the made-up contact list.")] = 1000,
    rate: Annotated[
        int | None, typer.Option(min=1, metavar="MPS", help="Messages per second; 80, d360-onprem 50 at most.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the report goes.")] = None,
    provider: Annotated[
        ProviderName, typer.Option(metavar="cloud|d360|d360-onprem", help="Whose API the stand-in is reached through.")
    ] = ProviderName.CLOUD,
    scenario: Annotated[
        str, typer.Option(metavar="FILE|NAME", help="What kind of day it is at the stand-in, such as lossy-webhooks.")
    ] = "demo",
    days: Annotated[
        int | None, typer.Option(min=1, max=400, metavar="N", help="Instead, schedules over N days on a stepped clock.")
    ] = None,
) -> None:
    """Run a whole campaign against a stand-in of WhatsApp, in a folder of its own, and prove its report."""
    from console.demo import DemoOptions, run_demo, run_weeks
    from models.sender import ProviderKind

    if days is not None:
        raise typer.Exit(run_weeks(days))
    options = DemoOptions(rows=rows, rate=rate, out=out, provider=ProviderKind(provider), scenario=scenario)
    raise typer.Exit(run_demo(options))


@app.command("up", rich_help_panel=PANEL)
def up(
    workers: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Processes that send.")] = 2,
    port: Annotated[int | None, typer.Option(min=0, max=65535, metavar="P", help="Port for webhooks.")] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", metavar="", help="Start a stand-in of WhatsApp, too.")] = False,
    console_port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="P", help="Port of the console and the API.")
    ] = None,
) -> None:
    """Run everything in the foreground: stores, workers, beat, receiver of webhooks and console. Ctrl-C ends it."""
    from console.parts import UpOptions
    from console.supervisor import run_up

    raise typer.Exit(run_up(UpOptions(workers=workers, port=port, sandbox=sandbox, console_port=console_port)))


@app.command("sandbox", rich_help_panel=PANEL)
def sandbox(
    scenario: Annotated[str | None, typer.Option(metavar="FILE|NAME", help="What kind of day it is there.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="P", help="Port; 0 takes a free one.")] = 8001,
    webhook_url: Annotated[str | None, typer.Option(metavar="URL", help="Where it reports to.")] = None,
    templates: Annotated[Path | None, typer.Option(metavar="FILE", help="Templates as Graph lists them.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Replaces the scenario's.")] = None,
) -> None:
    """Run the stand-in of WhatsApp alone, in the foreground. What it can do is in docs/sandbox.md."""
    given = {"--scenario": scenario, "--webhook-url": webhook_url, "--templates": templates, "--seed": seed}
    flags = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    # In place of this process, so that the stand-in stays a program of its own.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "sandbox", "--port", str(port), *flags])


@app.command("migrate", rich_help_panel=PANEL)
def migrate() -> None:
    """Bring the database's schema up to date. The embedded database does so by itself."""
    from campaign.settings import current_settings
    from console.embedded import embedded_stores
    from console.migrate import migrate

    settings = current_settings()
    if settings.database_url is None:
        with embedded_stores(settings.home):
            say("The embedded database is up to date.")
        return
    changed = migrate(settings.database_url.get_secret_value())
    say("The schema was brought up to date." if changed else "The schema is up to date; nothing to do.")
