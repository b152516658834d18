"""`campaign variants`: templates of one campaign compared; and the options of `campaign create` that make them."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import CAMPAIGNS_PANEL, AsJson, CampaignName
from console.cli.output import print_json, say, table, terminal
from console.cli.stores import open_session

if TYPE_CHECKING:
    from campaign.variants.shares import VariantTerms, WinnerTerms

app = typer.Typer()


class MeasureName(StrEnum):
    """By what variants are compared."""

    READ = "read"
    REPLY = "reply"


VariantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--variant",
        metavar="NAME:SHARE[:template=T,language=L]",
        help="A template for a share of the list, once per variant: A:70 and B:30:template=spring_b. Shares add up to "
        "100; one of them is --template; --map fills them all.",
    ),
]
Winner = Annotated[
    MeasureName | None,
    typer.Option("--winner", metavar="read|reply", help="Send a sample first; the better variant gets the rest."),
]
WinnerAfter = Annotated[
    str | None, typer.Option("--winner-after", metavar="4h", help="From the last of the sample to the decision.")
]
WinnerSample = Annotated[int | None, typer.Option("--winner-sample", min=1, metavar="N", help="People of the sample.")]
Confidence = Annotated[
    int | None, typer.Option("--confidence", metavar="PERCENT", help="How sure the winner has to be; 95 without it.")
]


def variant_terms(items: list[str] | None) -> "tuple[VariantTerms, ...]":
    """The variants as they were typed.

    raises  UsageError
    """
    from campaign.variants.shares import parse_variant

    return tuple(parse_variant(item) for item in items or ())


def winner_terms(
    measure: MeasureName | None, after: str | None, sample: int | None, confidence: int | None
) -> "WinnerTerms | None":
    """The rule as it was typed.

    raises  UsageError
    """
    from campaign.errors import UsageError
    from campaign.sequences.steps import read_span
    from campaign.variants.shares import WinnerTerms
    from models.variant import Measure

    if measure is None:
        if after is not None or sample is not None or confidence is not None:
            raise UsageError("--winner-after, --winner-sample and --confidence say nothing without --winner read|reply")
        return None
    if after is None or sample is None:
        raise UsageError("--winner needs --winner-after, such as 4h, and --winner-sample, such as 1000")
    wait = read_span(after, "--winner-after").total_seconds()
    return WinnerTerms(Measure(measure), wait, sample, 95 if confidence is None else confidence)


@app.command("variants", rich_help_panel=CAMPAIGNS_PANEL)
def variants(name: CampaignName, as_json: AsJson = False) -> None:
    """Compare the variants of a campaign: delivered, read, replied, and which of them won."""
    from campaign.variants.told import compare, percent

    with open_session() as session:
        found = compare(session, name)
    if as_json:
        print_json(found)
        return
    if not found.variants:
        say(f"Campaign {name} has no variants; campaign create --variant makes them.")
        return
    columns = ("variant", "template", "share", "messages", "sent", "delivered", "read", "", "replied", "", "failed")
    rows = [
        (
            each.name, f"{each.template} ({each.language})", f"{each.share}%", each.messages, each.sent,
            each.delivered, each.read, percent(each.read_rate), each.replied, percent(each.reply_rate), each.failed,
        )
        for each in found.variants
    ]  # fmt: skip
    terminal().print(table(columns, rows))
    if found.decision:
        say(found.decision)
    elif found.measure:
        say(f"The winner by {found.measure} is not decided yet.")
