"""`campaign create`: a draft from a contact list and a template."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli import policies as policy
from console.cli import schedule as when
from console.cli import variants as several
from console.cli.options import CAMPAIGNS_PANEL, Region, SenderOption, utc_now
from console.cli.output import say, warn
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
Audience = Annotated[
    str,
    typer.Option(
        metavar="FILE|URL|env:VAR|contacts",
        help="The list: a CSV (also .gz, .zip) or a workbook; a database, with --query; or the engine's contacts.",
    ),
]
Query = Annotated[str | None, typer.Option(metavar="SQL", help="What to ask the database; :name is a --param.")]
Param = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A value of the query, once per name.")
]
Sheet = Annotated[str | None, typer.Option(metavar="NAME", help="Sheet of the workbook, when it is not the first.")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="KEY=VALUE", help="Which contacts: region=MX,CO or attribute.plan!=gold."),
]
AllowLandlines = Annotated[
    bool, typer.Option("--allow-landlines", metavar="", help="Take landlines too: a shop's may have WhatsApp.")
]
AllowServices = Annotated[
    bool,
    typer.Option("--allow-service-numbers", metavar="", help="Take toll-free, premium and shared-cost numbers too."),
]
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


Exclude = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A quiet list: people whom this campaign leaves out.")
]
NotMessagedWithin = Annotated[
    int | None,
    typer.Option(min=1, metavar="DAYS", help="Leave out whom another campaign has written to in so many days."),
]
UsMarketing = Annotated[
    bool,
    typer.Option("--us-marketing", metavar="", help="Send marketing to American numbers too; it is not delivered."),
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
    at: when.At = None,
    deadline: when.Deadline = None,
    zone: when.Zone = None,
    window: when.Window = None,
    quiet_days: when.QuietDays = None,
    holidays: when.Holidays = None,
    zone_column: when.ZoneColumn = None,
    any_hour: when.AnyHour = False,
    spread: when.Spread = None,
    per_hour: when.PerHour = None,
    per_day: when.PerDay = None,
    recur: when.Recur = None,
    until: when.Until = None,
    overlap: when.OverlapOption = when.OverlapName.SKIP,
    rate: Rate = None,
    hold_policy: HoldPolicy = HoldPolicyName.PAUSE,
    opt_out_button: OptOutButton = None,
    language_column: LanguageColumn = None,
    uncertain_policy: policy.Uncertain = policy.UncertainName.WAIT,
    priority: policy.Priority = None,
    canary: policy.Canary = None,
    canary_wait: policy.CanaryWait = None,
    canary_max_failed: policy.CanaryFailed = None,
    canary_max_held: policy.CanaryHeld = None,
    canary_max_blocked: policy.CanaryBlocked = None,
    variant: several.VariantOption = None,
    winner: several.Winner = None,
    winner_after: several.WinnerAfter = None,
    winner_sample: several.WinnerSample = None,
    confidence: several.Confidence = None,
    exclude: Exclude = None,
    not_messaged_within: NotMessagedWithin = None,
    us_marketing: UsMarketing = False,
    query: Query = None,
    param: Param = None,
    sheet: Sheet = None,
    where: Where = None,
    allow_landlines: AllowLandlines = False,
    allow_service_numbers: AllowServices = False,
) -> None:
    """Make a draft from a contact list and a template. Nothing is sent before `launch`."""
    from campaign.audience.opening import Reading
    from campaign.creation import NewCampaign
    from models.campaign import HoldPolicy

    reading = Reading(
        sheet=sheet, query=query, parameters=param or (), where=where or (), landlines=allow_landlines,
        services=allow_service_numbers, environment=os.environ,
    )  # fmt: skip
    canary_words = policy.CanaryWords(canary, canary_wait, canary_max_failed, canary_max_held, canary_max_blocked)
    asked = when.When(at, deadline, zone, recur, until, overlap)
    start_at, deadline_at = (None, None) if recur else asked.instants()
    timing = when.timing(
        zone, window, quiet_days, holidays, zone_column,
        any_hour=any_hour, spread=spread, per_hour=per_hour, per_day=per_day,
    )  # fmt: skip
    request = NewCampaign(
        name=name, sender=sender, template=template, language=language, audience=audience, mapping=map_ or (),
        phone_column=phone_column, region=region, start_at=start_at, deadline_at=deadline_at, rate_mps=rate,
        hold_policy=HoldPolicy(hold_policy), policies=policy.policies(uncertain_policy, priority, canary_words),
        opt_out_button=opt_out_button, language_column=language_column,
        exclude=exclude, not_messaged_within_days=not_messaged_within, us_marketing=us_marketing or None,
        reading=reading, timing=timing, variants=several.variant_terms(variant),
        winner=several.winner_terms(winner, winner_after, winner_sample, confidence),
    )  # fmt: skip
    when.create_recurring(asked.schedule(request)) if recur else _create(request)


def _create(request: "NewCampaign") -> None:
    from campaign.creation import audience_of, create_campaign
    from campaign.settings import current_settings
    from console.cli.watch import reading

    settings = current_settings()
    with open_sessions() as sessions:
        with reading(request.audience_name) as progress:
            created = create_campaign(
                sessions, request,
                now=utc_now(), chunk_rows=settings.import_chunk_rows, settings=settings, progress=progress,
            )  # fmt: skip
        with sessions() as session:
            _say_created(created, audience_of(session, created))


def _say_created(campaign: "Campaign", audience: "AudienceImport") -> None:
    from campaign.audience.told import reading_words

    say(reading_words(audience))
    for warning in audience.warnings:
        warn(warning)
    say(
        f"Campaign {campaign.name} is a draft: {audience.row_count:,} rows, {audience.message_count:,} to be messaged, "
        f"{audience.rejected_count:,} refused."
    )
    say(f"Next: campaign check {campaign.name}, then campaign launch {campaign.name}")
