"""`campaign costs`: the rate card, by which a forecast and a bill are made."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from console.cli.options import AsJson, CampaignName, utc_now
from console.cli.output import counted, print_json, say, show_listing
from console.cli.stores import open_session

app = typer.Typer(no_args_is_help=True, help="What messages cost: the rate card.")

Card = Annotated[
    Path, typer.Argument(metavar="FILE", help="Columns market_or_country, category, price, currency, valid_from.")
]
Replace = Annotated[bool, typer.Option("--replace", metavar="", help="Forget every price that the file does not name.")]
Country = Annotated[str, typer.Argument(metavar="COUNTRY", help="Two letters, such as MX.")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it like 2026-10-01") from None


On = Annotated[date | None, typer.Option(parser=_day, metavar="DAY", help="Prices of that day; today by default.")]


@app.command("import")
def import_(file: Card, replace: Replace = False, as_json: AsJson = False) -> None:
    """Take the prices of a CSV file, all of them or none."""
    from campaign.costs.rate_card import import_card

    with open_session() as session:
        done = import_card(session, file, replace=replace)
    if as_json:
        print_json(done._asdict())
        return
    said = f"{done.new:,} new, {done.changed:,} changed, {done.known:,} known"
    say(f"{counted(sum(done), 'price')} read from {file}: {said}.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List every price, by country or market."""
    from campaign.costs.rate_card import all_prices

    columns = ("place", "category", "amount", "currency", "valid_from", "valid_to", "countries")
    with open_session() as session:
        rows = [{name: getattr(price, name) for name in columns} for price in all_prices(session)]
    if not as_json:
        rows = [row | {"countries": " ".join(row["countries"])} for row in rows]
    show_listing(rows, as_json=as_json, columns=columns, empty="There is no rate card; see campaign costs import.")


@app.command("show")
def show(country: Country, on: On = None, as_json: AsJson = False) -> None:
    """Show what a message to a country costs, by category."""
    from campaign.costs.rate_card import prices_of

    day = on or utc_now().date()
    with open_session() as session:
        found = prices_of(session, country, day)
    rows = [
        {
            "category": category,
            "price": price.amount if price else None,
            "currency": price.currency if price else None,
            "price_of": price.place if price else None,
        }
        for category, price in found.items()
    ]
    show_listing(rows, as_json=as_json, columns=("category", "price", "currency", "price_of"), empty="")


@app.command("of")
def of(name: CampaignName, as_json: AsJson = False) -> None:
    """Show what a campaign has cost so far, and why that is not what all of it would have cost."""
    from campaign.costs.actual import campaign_cost, explanation
    from campaign.lifecycle import find_campaign

    with open_session() as session:
        found = campaign_cost(session, find_campaign(session, name))
    if as_json:
        print_json(found)
        return
    for line in explanation(found):
        say(line)
