"""`campaign senders warm-up`: a daily cap of a number that begins low and rises."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson, utc_now
from console.cli.output import print_json, say, table, terminal, words
from console.cli.stores import open_session

if TYPE_CHECKING:
    from campaign.planning.warm_up import WarmUp
    from models.sender import Sender

app = typer.Typer()

SHOWN_STEPS = 10
"""Steps of a warm-up that are shown ahead."""

GROW, EVERY = 1.5, timedelta(days=1)
UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def span(text: str) -> timedelta:
    """A length of time, such as `12h` or `1d`."""
    found = re.fullmatch(r"(\d{1,6})(min|h|d|w)", text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no length of time; write it like 12h or 1d")
    return int(found[1]) * UNITS[found[2]]


Start = Annotated[int | None, typer.Option(min=1, metavar="N", help="People in 24 h to begin with.")]
Grow = Annotated[
    float | None, typer.Option(metavar="FACTOR", help="By which the cap rises at each step; 1.5.", show_default=False)
]
Every = Annotated[
    timedelta | None,
    typer.Option(parser=span, metavar="12h|1d|1w", help="Time between two steps; 1d.", show_default=False),
]
Until = Annotated[int | None, typer.Option(min=1, metavar="N", help="Over when the cap has come so far.")]
Off = Annotated[bool, typer.Option("--off", metavar="", help="End the warm-up; the messaging limit alone counts.")]


@app.command("warm-up")
def warm_up(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The sender's name.")],
    start: Start = None,
    grow: Grow = None,
    every: Every = None,
    until: Until = None,
    off: Off = False,
    as_json: AsJson = False,
) -> None:
    """Set, end or, without options, show the warm-up of a number: a daily cap that rises."""
    from campaign.planning.warm_up import WarmUp
    from campaign.senders import find_sender, set_warm_up

    if off and start is not None:
        raise typer.BadParameter("--off ends the warm-up and --start makes one; give one of them")
    if start is None and (grow, every, until) != (None, None, None):
        raise typer.BadParameter("--grow, --every and --until belong to --start; give the cap to begin with, too")
    with open_session() as session:
        if off:
            sender = set_warm_up(session, name, None)
        elif start is not None:
            sender = set_warm_up(session, name, WarmUp(start, grow or GROW, every or EVERY, until))
        else:
            sender = find_sender(session, name)
    _show(sender, as_json=as_json)


def warm_up_words(sender: "Sender", now: datetime) -> str | None:
    """Where a sender's warm-up stands, in words; None without one."""
    plan = _plan_of(sender)
    if plan is None:
        return None
    cap = plan.cap_at(now)
    if cap is None:
        return "over: the messaging limit alone counts"
    steps = f"times {plan.grow:g} every {words(plan.every)}" + (f" until {plan.until:,}" if plan.until else "")
    rises_at = plan.rises_at(now)
    return f"{cap:,} people in 24 h, {steps}; " + (
        f"rises at {words(rises_at)}" if rises_at else "begins with the first message"
    )


def _show(sender: "Sender", *, as_json: bool) -> None:
    now = utc_now()
    plan = _plan_of(sender)
    steps = plan.steps(now, SHOWN_STEPS) if plan else []
    if as_json:
        found = {"sender": sender.name, "warm_up": sender.warm_up, "began_at": sender.warm_up_began_at}
        cap = plan.cap_at(now) if plan else None
        print_json(found | {"cap": cap, "steps": [{"after": after, "from": at, "cap": n} for after, at, n in steps]})
        return
    say(f"Warm-up of sender {sender.name}: {warm_up_words(sender, now) or 'none; the messaging limit alone counts'}.")
    if steps:
        rows = [(at or (f"{words(after)} later" if after else "first message"), cap) for after, at, cap in steps]
        terminal().print(table(("from", "people in 24 h"), rows))


def _plan_of(sender: "Sender") -> "WarmUp | None":
    from campaign.planning.warm_up import WarmUp

    return WarmUp.kept(sender.warm_up, sender.warm_up_began_at)
