"""`campaign create`, `check`, `launch`, `pause`, `resume`, `cancel`, `status`: one campaign from draft to end."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson, Region, SenderOption, instant, utc_now
from console.cli.output import print_json, say, table, terminal, words
from console.cli.stores import open_session, open_sessions, open_stores

if TYPE_CHECKING:
    from campaign.check import Forecast
    from campaign.creation import NewCampaign
    from models.audience import AudienceImport
    from models.campaign import Campaign

app = typer.Typer()
PANEL = "Campaigns"


class HoldPolicyName(StrEnum):
    """What to do when the platform holds messages for quality assessment."""

    PAUSE = "pause"
    CONTINUE = "continue"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name.")]
NewName = Annotated[str, typer.Argument(metavar="NAME", help="A name of your own.")]
TemplateName = Annotated[str, typer.Option("--template", metavar="T", help="Name of the template.")]
Language = Annotated[
    str, typer.Option(metavar="L", help="Language of the template, exactly as listed: en_US is not en.")
]
Audience = Annotated[Path, typer.Option("--audience", metavar="FILE", help="The contact list, CSV or Excel.")]
PhoneColumn = Annotated[str | None, typer.Option(metavar="C", help="Column of the phones, when it is not obvious.")]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="SLOT=COLUMN",
        help="What fills a slot, once per slot: body.1=first_name; body.2==15% is a constant; "
        "body.1=name:title|friend rewrites and has a fallback; header.1=@picture.jpg is a file. "
        "Also body.NAME, button.0, card.0.body.1.",
    ),
]
At = Annotated[
    datetime | None, typer.Option("--at", parser=instant, metavar="ISO8601", help="Start then, once launched.")
]
Deadline = Annotated[datetime | None, typer.Option(parser=instant, metavar="ISO8601", help="Send nothing after it.")]
Rate = Annotated[int | None, typer.Option(min=1, metavar="MPS", help="Messages per second, below the sender's rate.")]
HoldPolicy = Annotated[
    HoldPolicyName,
    typer.Option(metavar="pause|continue", help="When the platform holds messages: wait, or go on feeding it."),
]
OptOutButton = Annotated[
    int | None, typer.Option(min=0, metavar="INDEX", help="Quick reply (from 0) that opts out, whatever its label.")
]


LanguageColumn = Annotated[
    str | None,
    typer.Option(metavar="C", help="Column of each person's language; --language is for who has none that fits."),
]
RowNumber = Annotated[int, typer.Option("--row", min=1, metavar="N", help="Row of the list, 1 for the first.")]


@app.command("create", rich_help_panel=PANEL)
def create(
    name: NewName,
    sender: SenderOption,
    template: TemplateName,
    language: Language,
    audience: Audience,
    map_: Map = None,
    phone_column: PhoneColumn = None,
    region: Region = None,
    at: At = None,
    deadline: Deadline = None,
    rate: Rate = None,
    hold_policy: HoldPolicy = HoldPolicyName.PAUSE,
    opt_out_button: OptOutButton = None,
    language_column: LanguageColumn = None,
) -> None:
    """Make a draft from a contact list and a template. Nothing is sent before `launch`."""
    from campaign.creation import NewCampaign
    from models.campaign import HoldPolicy

    request = NewCampaign(
        name=name, sender=sender, template=template, language=language, audience=audience, mapping=map_ or (),
        phone_column=phone_column, region=region, start_at=at, deadline_at=deadline, rate_mps=rate,
        hold_policy=HoldPolicy(hold_policy), opt_out_button=opt_out_button, language_column=language_column,
    )  # fmt: skip
    _create(request)


@app.command("check", rich_help_panel=PANEL)
def check(name: Name, as_json: AsJson = False) -> None:
    """Say what would happen: who would get it, who would not and why, how long it takes."""
    from campaign.check import forecast

    with open_session() as session:
        found = forecast(session, name, now=utc_now())
    print_json(found) if as_json else _show_forecast(found)


@app.command("preview", rich_help_panel=PANEL)
def preview(name: Name, row: RowNumber = 1, as_json: AsJson = False) -> None:
    """Show what the person of one row will see, or why the row gets no message."""
    from campaign.row_preview import preview_row

    with open_session() as session:
        found = preview_row(session, name, row)
    print_json(found) if as_json else say(found.text)


@app.command("launch", rich_help_panel=PANEL)
def launch(name: Name) -> None:
    """Start a draft, at once or at its time. Its files are uploaded first."""
    import asyncio

    from campaign.lifecycle import launch
    from campaign.media.upload import upload_due
    from tasks.wiring import media_door_for

    with open_sessions() as sessions:
        asyncio.run(upload_due(sessions, media_door_for, utc_now(), campaign=name))
        _say_state(launch(sessions, name, now=utc_now()))
    say(f"Messages leave while campaign up runs; follow it with campaign status {name} --watch")


@app.command("pause", rich_help_panel=PANEL)
def pause(name: Name) -> None:
    """Stop sending within a second; `resume` goes on."""
    from campaign.lifecycle import pause

    with open_sessions() as sessions:
        _say_state(pause(sessions, name))


@app.command("resume", rich_help_panel=PANEL)
def resume(name: Name) -> None:
    """Go on with a paused campaign."""
    from campaign.lifecycle import resume

    with open_sessions() as sessions:
        _say_state(resume(sessions, name, now=utc_now()))


@app.command("cancel", rich_help_panel=PANEL)
def cancel(name: Name) -> None:
    """End a campaign for good: what was not sent is skipped."""
    from campaign.lifecycle import cancel

    with open_sessions() as sessions:
        _say_state(cancel(sessions, name, now=utc_now()))


@app.command("status", rich_help_panel=PANEL)
def status(
    name: Name,
    watch: Annotated[bool, typer.Option("--watch", metavar="", help="Follow it until it has ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where a campaign stands."""
    from console.cli import watch as view

    with open_stores() as opened:
        if watch:
            view.follow(opened, name, as_json=as_json)
            return
        with opened.sessions() as session:
            view.show(view.look(session, name, opened.share), as_json=as_json)


def _create(request: "NewCampaign") -> None:
    from campaign.creation import audience_of, create_campaign
    from campaign.settings import current_settings
    from console.cli.watch import reading

    chunk_rows = current_settings().import_chunk_rows
    with open_sessions() as sessions:
        with reading(request.audience.name) as progress:
            created = create_campaign(sessions, request, now=utc_now(), chunk_rows=chunk_rows, progress=progress)
        with sessions() as session:
            _say_created(created, audience_of(session, created))


def _say_created(campaign: "Campaign", audience: "AudienceImport") -> None:
    say(
        f"Campaign {campaign.name} is a draft: {audience.row_count:,} rows, {audience.message_count:,} to be messaged, "
        f"{audience.rejected_count:,} refused."
    )
    say(f"Next: campaign check {campaign.name}, then campaign launch {campaign.name}")


def _say_state(campaign: "Campaign") -> None:
    starts = f", starts at {words(campaign.start_at)}" if campaign.state == "scheduled" else ""
    say(f"Campaign {campaign.name} is {campaign.state}{starts}.")


def _show_forecast(found: "Forecast") -> None:
    rows: list[tuple[object, object, object]] = [("rows", found.rows, "")]
    for step in found.funnel:
        rows.append((step.name, step.left, ", ".join(f"{n:,} {reason}" for reason, n in step.refused.items())))
    rows.append(("to be messaged", found.to_message, ""))
    terminal().print(table((f"campaign {found.name}", "rows", "refused"), rows))
    say(f"\nAt {found.rate_mps:,} messages/s that takes {words(found.duration)}.")
    say(_tier_words(found))
    for finding in found.findings:
        say(f"{finding.level}: {finding.text}")


def _tier_words(found: "Forecast") -> str:
    tier = found.tier
    if tier.limit is None:
        return "The messaging limit is unlimited."
    used = f"{tier.needed:,} of the {max(0, tier.limit - tier.used):,} recipients left of {tier.limit:,} in 24 h"
    return f"It needs {used}" + (f"; the limit makes it take {tier.days} days." if tier.days > 1 else ".")
