"""`campaign webhooks`: what the platform posted, what could not be read, and applying it again."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson, MaybeSender, instant, utc_now
from console.cli.output import counted, print_json, say, show_facts, table, terminal
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table
    from sqlalchemy.orm import Session

    from campaign.webhooks.batch import Applied, InboxRules
    from campaign.webhooks.problems import Kind, Problems
    from models.session import Sessions

app = typer.Typer(no_args_is_help=True, help="What the platform posted about messages, people, templates and numbers.")

EventIds = Annotated[list[int], typer.Argument(metavar="ID…", help="Ids, as problems lists them.")]
From = Annotated[
    datetime, typer.Option("--from", parser=instant, metavar="ISO8601", help="From this arrival on, with its offset.")
]
To = Annotated[datetime, typer.Option("--to", parser=instant, metavar="ISO8601", help="Until before this arrival.")]
DryRun = Annotated[bool, typer.Option("--dry-run", metavar="", help="Change nothing; say what would be changed.")]


@app.command("problems")
def problems(sender: MaybeSender = None, as_json: AsJson = False) -> None:
    """List webhooks that could not be read or applied, and what came that nothing acts on."""
    from campaign.webhooks.problems import list_problems

    with open_session() as session:
        found = list_problems(session, sender)
    if as_json:
        print_json(found)
    else:
        _show_problems(found)


def _show_problems(found: "Problems") -> None:
    for problem in found.problems:
        say(f"{problem.id} of {problem.sender}, {problem.received_at:%Y-%m-%d %H:%M:%S} UTC: {problem.error}")
        say(f"    {problem.advice}")
    if found.count > len(found.problems):
        say(f"… and {found.count - len(found.problems):,} older ones.")
    if found.count:
        say()
        say("See one with campaign webhooks show ID; settle it with retry ID after an update, or with dismiss ID.")
    else:
        say("Every webhook could be read and applied.")
    if found.kinds:
        say()
        say("Counted, since nothing acts on it:")
        terminal().print(_kinds(found.kinds))


def _kinds(kinds: "Sequence[Kind]") -> "Table":
    columns = ("sender", "kind", "count", "first_at", "last_at", "last_event_id")
    return table(columns, ([getattr(each, column) for column in columns] for each in kinds))


@app.command("show")
def show(
    event_id: Annotated[int, typer.Argument(metavar="ID", help="The webhook's id.")], as_json: AsJson = False
) -> None:
    """Show one webhook as it was received, and what became of it."""
    from campaign.webhooks.problems import show_webhook

    with open_session() as session:
        facts = show_webhook(session, event_id)
    body = facts.pop("body")
    if as_json:
        print_json(facts | {"body": body})
        return
    show_facts(facts, as_json=False)
    say()
    if isinstance(body, str):
        say(body)
    else:
        print_json(body)


@app.command("retry")
def retry(event_ids: EventIds) -> None:
    """Apply webhooks once more, such as after an update that can read them."""
    from campaign.webhooks.replay import retry as apply_again

    with open_sessions() as sessions:
        applied = apply_again(sessions, event_ids, _rules(), clock=utc_now)
    say(_sentence("Applied", applied))
    if applied.problems:
        raise typer.Exit(1)


@app.command("dismiss")
def dismiss(event_ids: EventIds) -> None:
    """Settle problems that say nothing of any message of yours. The webhooks are kept until their day goes."""
    from campaign.webhooks.problems import dismiss as settle

    with open_session() as session:
        for event_id in event_ids:
            settle(session, event_id, utc_now())
    say(f"Dismissed {counted(len(event_ids), 'problem')}.")


@app.command("replay")
def replay(
    since: From, until: To, sender: MaybeSender = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Apply the webhooks of a range once more. What they changed before, they do not change again."""
    from campaign.errors import UsageError
    from campaign.webhooks.inbox_store import Range
    from campaign.webhooks.replay import replay as apply_again

    if since >= until:
        raise UsageError(f"--from {since.isoformat()} is not before --to {until.isoformat()}; swap them")
    with open_sessions() as sessions:
        span = Range(since, until, _sender_id(sessions, sender))
        applied = apply_again(sessions, span, _rules(), clock=utc_now, dry_run=dry_run)
    if as_json:
        counts = {"webhooks": applied.webhooks, "events": applied.events, "unmatched": applied.unmatched}
        print_json(counts | {"problems": applied.problems, "changed": len(applied.changed), "dry_run": dry_run})
    else:
        say(_sentence("Would apply" if dry_run else "Applied", applied))


def _sender_id(sessions: "Sessions", sender: str | None) -> int | None:
    from campaign.senders import find_sender

    if sender is None:
        return None
    with sessions() as session:
        return find_sender(session, sender).id


def _rules() -> "InboxRules":
    """How a command works webhooks off: as the engine does."""
    from tasks.webhooks import inbox_rules

    return inbox_rules()


def _sentence(verb: str, applied: "Applied") -> str:
    """`Applied 12 webhooks with 36 reports again: 0 messages changed, 0 reports of no message of ours, 0 problems.`"""
    return (
        f"{verb} {counted(applied.webhooks, 'webhook')} with {counted(applied.events, 'report')} again: "
        f"{counted(len(applied.changed), 'message')} changed, {counted(applied.unmatched, 'report')} of no message of "
        f"ours, {counted(applied.problems, 'problem')}."
    )


LOOK_AGAIN_S = 10.0
"""Least time between two looks at the health of webhooks, for a status that is followed."""

_looked: dict[int, tuple[float, str | None]] = {}


def trouble_words(session: "Session", sender_id: int) -> str | None:
    """What is wrong with the webhooks of a sender, as of a moment ago; None when all is well."""
    from campaign.settings import current_settings
    from campaign.webhooks.health import stream_health, troubles

    looked_at, words = _looked.get(sender_id, (-LOOK_AGAIN_S, None))
    if time.monotonic() - looked_at >= LOOK_AGAIN_S:
        settings, now = current_settings(), utc_now()
        found = [
            each
            for health in stream_health(session, settings, now)
            if health.sender_id == sender_id
            for each in troubles(health, settings, now)
        ]
        words = "\n".join(f"{each.trouble}: {each.text}." for each in found) or None
        _looked[sender_id] = time.monotonic(), words
    return words
