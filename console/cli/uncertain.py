"""`campaign uncertain`: what may or may not have been sent, and a person's decision about it."""

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.confirm import confirmed
from console.cli.options import CAMPAIGNS_PANEL, AsJson, CampaignName, utc_now
from console.cli.output import counted, duration, print_json, say, table, terminal, words
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from campaign.uncertain.doubts import Doubts

app = typer.Typer()


class DecisionName(StrEnum):
    """What becomes of uncertain messages."""

    RESEND = "resend"
    FAILED = "failed"


Resolve = Annotated[
    DecisionName | None,
    typer.Option(
        metavar="resend|failed", help="Send them once more, at the risk of a second message, or give them up."
    ),
]
OlderThan = Annotated[
    float, typer.Option("--older-than", min=0, metavar="S", help="Only those claimed so many seconds ago or longer.")
]
Yes = Annotated[bool, typer.Option("--yes", metavar="", help="Do it without asking.")]


@app.command("uncertain", rich_help_panel=CAMPAIGNS_PANEL)
def uncertain(
    name: CampaignName,
    resolve: Resolve = None,
    older_than: OlderThan = 0,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Show what may or may not have been sent, why, and what would resolve it; or decide about it."""
    from campaign.settings import current_settings
    from campaign.uncertain.doubts import find_doubts

    with open_session() as session:
        found = find_doubts(session, name, current_settings(), now=utc_now())
    if not as_json:
        _show(found)
    elif resolve is None:
        print_json(found)
    if resolve is not None:
        _resolve(name, resolve, timedelta(seconds=older_than), yes=yes, as_json=as_json)


def _show(found: "Doubts") -> None:
    if not found.messages:
        say(f"Nothing is uncertain in campaign {found.name}.")
        return
    say(f"{counted(found.messages, 'message')} of campaign {found.name} may or may not have been sent.")
    rows = [
        (group.messages, group.words, duration(utc_now() - group.oldest), group.resolved_by) for group in found.groups
    ]
    terminal().print(table(("messages", "because", "oldest", "resolved by"), rows))
    reported = f"of messages accepted until {words(found.watermark)}" if found.watermark else "of nothing later so far"
    say(f"Reports of {found.sender}: {reported}; webhooks applied until {words(found.drained_until)}.")


def _resolve(name: str, decision: DecisionName, older_than: timedelta, *, yes: bool, as_json: bool) -> None:
    from campaign.uncertain.resolve import Decision, count_concerned
    from campaign.uncertain.resolve import resolve as act

    with open_session() as session:
        concerned = count_concerned(session, name, older_than, now=utc_now())
    risk = {
        DecisionName.RESEND: "is sent once more; whoever has it already gets it twice",
        DecisionName.FAILED: "ends as failed; a later report still counts",
    }
    question = f"{counted(concerned, 'message')} of campaign {name}: each {risk[decision]}. Go on?"
    if not concerned or not confirmed(question, yes=yes):
        say("Nothing was changed.")
        return
    with open_sessions() as sessions:
        moved = act(sessions, name, Decision(decision), older_than, now=utc_now())
    done = {"name": name, "decision": decision.value, "messages": moved}
    ending = "queued again" if decision is DecisionName.RESEND else "failed"
    print_json(done) if as_json else say(f"{counted(moved, 'message')} of campaign {name}: {ending}.")
