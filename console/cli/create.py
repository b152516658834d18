"""`campaign create`: a draft from a contact list and a template."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import CAMPAIGNS_PANEL, Region, SenderOption, instant, utc_now
from console.cli.output import say
from console.cli.stores import open_sessions

if TYPE_CHECKING:
    from campaign.creation import NewCampaign
    from models.audience import AudienceImport
    from models.campaign import Campaign

app = typer.Typer()


class HoldPolicyName(StrEnum):
    """What to do when the platform holds messages for quality assessment."""

    PAUSE = "pause"
    CONTINUE = "continue"


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


@app.command("create", rich_help_panel=CAMPAIGNS_PANEL)
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
