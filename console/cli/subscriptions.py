"""`campaign subscriptions`: other systems that are told when a campaign changes its state."""

import asyncio
import os
from dataclasses import asdict
from typing import Annotated

import typer

from console.cli.access import at_the_shell
from console.cli.options import AsJson, utc_now
from console.cli.output import counted, fail, say, show_facts, show_listing, warn
from console.cli.stores import open_session, open_sessions

app = typer.Typer(no_args_is_help=True, help="Other systems that are told when a campaign changes its state.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name of your own, such as crm.")]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="Where notices are posted, https.")]
SecretEnv = Annotated[
    str, typer.Option("--secret-env", metavar="VAR", help="Variable of the workers with the secret that signs.")
]
Events = Annotated[
    str,
    typer.Option("--events", metavar="EVENT,…", help="Of what: campaign.paused,campaign.completed, … or all."),
]
Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="The newest so many notices.")]
LISTED = ("name", "url", "events", "waiting", "given_up", "delivered_at", "last_error")


@app.command("add")
def add(name: Name, url: Url, secret_env: SecretEnv, events: Events = "all") -> None:
    """Tell an address from now on; each notice is signed. Try it with `test`."""
    from campaign.notices.events import NoticeEvent
    from campaign.notices.subscriptions import NewSubscription, add_subscription, trouble
    from campaign.settings import current_settings

    named = [event.strip() for event in events.split(",") if event.strip()]
    wanted = list(NoticeEvent) if named == ["all"] else named
    with open_sessions() as sessions:
        new = NewSubscription(name, url, secret_env, wanted)
        made = add_subscription(sessions, at_the_shell(), new, current_settings())
    say(f"{made.name} is told of {', '.join(made.events)}.")
    if missing := trouble(made, os.environ):
        warn(missing)
    say(f"Next: campaign subscriptions test {made.name}")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List who is told, how many notices wait or were given up, and what went wrong last."""
    from campaign.notices.subscriptions import subscriptions

    with open_session() as session:
        rows = [asdict(each) for each in subscriptions(session)]
    if not as_json:
        rows = [row | {"events": " ".join(row["events"])} for row in rows]
    show_listing(rows, as_json=as_json, columns=LISTED, empty="Nobody is told; see campaign subscriptions add.")


@app.command("show")
def show(name: Name, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Show one of them, and what it was told or is to be told, newest first."""
    from campaign.notices.subscriptions import notices, view

    columns = ("id", "event_id", "created_at", "tries", "delivered_at", "given_up_at", "due_at", "last_error")
    with open_session() as session:
        facts = asdict(view(session, name))
        found = notices(session, name, limit=limit)
        rows = [
            {"event": notice.body.get("type")} | {column: getattr(notice, column) for column in columns}
            for notice in found
        ]
    if as_json:
        show_facts(facts | {"notices": rows}, as_json=True)
        return
    show_facts(facts | {"events": " ".join(facts["events"])}, as_json=False)
    shown = ("event", "created_at", "tries", "delivered_at", "given_up_at", "last_error")
    show_listing(rows, as_json=False, columns=shown, empty="It was told nothing yet.")


@app.command("test")
def test(name: Name) -> None:
    """Post a test notice now and say how that went. Exit code 1 when it was not taken."""
    from campaign.notices.delivery import Post, send_test
    from campaign.notices.subscriptions import find_subscription
    from campaign.settings import current_settings

    with open_session() as session:
        found = find_subscription(session, name)
    error = asyncio.run(send_test(found, Post(current_settings(), os.environ, utc_now)))
    if error is not None:
        raise typer.Exit(fail(f"{found.url} did not take the test: {error}", code=1))
    say(f"{found.url} took the test.")


@app.command("retry")
def retry(name: Name) -> None:
    """Begin anew with the notices that were given up."""
    from campaign.notices.subscriptions import retry_given_up

    with open_sessions() as sessions:
        count = retry_given_up(sessions, at_the_shell(), name, now=utc_now())
    say(f"{counted(count, 'notice')} to {name} will be tried again.")


@app.command("remove")
def remove(name: Name) -> None:
    """Tell it nothing any more; notices that wait for it go with it."""
    from campaign.notices.subscriptions import remove_subscription

    with open_sessions() as sessions:
        remove_subscription(sessions, at_the_shell(), name)
    say(f"{name} is told nothing any more.")
