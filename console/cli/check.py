"""`campaign check`: what a launch would do, in words."""

from typing import TYPE_CHECKING

import typer

from console.cli.options import CAMPAIGNS_PANEL, AsJson, CampaignName, utc_now
from console.cli.output import print_json, say, table, terminal, words
from console.cli.plan import show_plan
from console.cli.stores import open_session

if TYPE_CHECKING:
    from campaign.check import Forecast

app = typer.Typer()


@app.command("check", rich_help_panel=CAMPAIGNS_PANEL)
def check(name: CampaignName, as_json: AsJson = False) -> None:
    """Say what would happen: who would get it, who would not and why, how long it takes."""
    from campaign.check import forecast

    with open_session() as session:
        found = forecast(session, name, now=utc_now())
    print_json(found) if as_json else _show_forecast(found)


def _show_forecast(found: "Forecast") -> None:
    from campaign.costs.forecast import cost_words

    rows: list[tuple[object, object, object]] = [("rows", found.rows, "")]
    for step in found.funnel:
        rows.append((step.name, step.left, ", ".join(f"{n:,} {reason}" for reason, n in step.refused.items())))
    rows.append(("to be messaged", found.to_message, ""))
    terminal().print(table((f"campaign {found.name}", "rows", "refused"), rows))
    say(f"\n{found.list_read}")
    for warning in found.list_warnings:
        say(f"warning: {warning}")
    say(f"At {found.rate_mps:,} messages/s that takes {words(found.duration)}.")
    say(_tier_words(found))
    show_plan(found.plan)
    for risk in found.holding_risks:
        say(f"Messages may be held: {risk}")
    for line in cost_words(found.cost):
        say(line)
    for finding in found.findings:
        say(f"{finding.level}: {finding.text}")


def _tier_words(found: "Forecast") -> str:
    tier = found.tier
    if tier.limit is None:
        return "The messaging limit is unlimited."
    used = f"{tier.needed:,} of the {max(0, tier.limit - tier.used):,} recipients left of {tier.limit:,} in 24 h"
    return f"It needs {used}."
