"""`campaign move`: what was dropped or not sent yet goes out with another template."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.confirm import confirmed
from console.cli.options import CAMPAIGNS_PANEL, AsJson, CampaignName, utc_now
from console.cli.output import counted, print_json, say
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from campaign.moving.move import MovePlan

app = typer.Typer()


class WhatName(StrEnum):
    """Which messages are moved."""

    DROPPED = "dropped"
    UNSENT = "unsent"
    ALL = "all"


ToTemplate = Annotated[str, typer.Option("--to-template", metavar="T", help="Name of the template they go to.")]
MaybeLanguage = Annotated[str | None, typer.Option("--language", metavar="L", help="Its language; else the same.")]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="SLOT=SLOT",
        help="What fills a slot: a slot of the template before (body.1=body.2), name, or ==text; else the same slot.",
    ),
]
WhatOption = Annotated[
    WhatName, typer.Option("--what", metavar="dropped|unsent|all", help="Dropped by WhatsApp, not sent yet, or both.")
]
Yes = Annotated[bool, typer.Option("--yes", metavar="", help="Do it without asking.")]


@app.command("move", rich_help_panel=CAMPAIGNS_PANEL)
def move(
    name: CampaignName,
    to_template: ToTemplate,
    language: MaybeLanguage = None,
    map_: Map = None,
    what: WhatOption = WhatName.ALL,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send what was dropped or not sent yet with another template; nobody is written to twice."""
    from campaign.moving.move import Move, What, plan_move
    from campaign.moving.move import move as act

    request = Move(name, to_template, language, map_ or (), What(what))
    with open_session() as session:
        plan = plan_move(session, request, now=utc_now())
    if not as_json:
        _show(plan)
    moved = plan.total
    question = f"{counted(moved, 'message')} of campaign {name}: move to {plan.template} ({plan.language})?"
    if not moved or not confirmed(question, yes=yes):
        print_json(plan) if as_json else say("Nothing was changed.")
        return
    with open_sessions() as sessions:
        done = act(sessions, request, now=utc_now())
    if as_json:
        print_json(done)
        return
    say(f"{counted(done.total, 'message')} moved. Campaign {name} is {done.state}.")
    if done.state == "paused":
        say(f"Next: campaign resume {name}")


def _show(plan: "MovePlan") -> None:
    found = ", ".join(f"{count:,} {state}" for state, count in sorted(plan.messages.items())) or "none"
    say(f"To {plan.template} ({plan.language}, {plan.category}): {found}.")
    for problem, count in plan.unfit.items():
        say(f"{counted(count, 'message')} cannot be moved: {problem}.")
    if plan.staying:
        say(f"{counted(plan.staying, 'queued message')} would stay with {plan.staying_with}.")
    if plan.example:
        say("The first of them will see:")
        say("\n".join(f"  {line}" for line in plan.example.split("\n")))
