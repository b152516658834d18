"""`campaign preview`, `launch`, `pause`, `resume`, `cancel`, `status`: one campaign from draft to end."""

from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.access import at_the_shell
from console.cli.options import CAMPAIGNS_PANEL, AsJson, CampaignName, utc_now
from console.cli.output import print_json, say, words
from console.cli.stores import open_session, open_sessions, open_stores

if TYPE_CHECKING:
    from models.campaign import Campaign

app = typer.Typer()

RowNumber = Annotated[int, typer.Option("--row", min=1, metavar="N", help="Row of the list, 1 for the first.")]


@app.command("preview", rich_help_panel=CAMPAIGNS_PANEL)
def preview(name: CampaignName, row: RowNumber = 1, as_json: AsJson = False) -> None:
    """Show what the person of one row will see, or why the row gets no message."""
    from campaign.row_preview import preview_row

    with open_session() as session:
        found = preview_row(session, name, row)
    print_json(found) if as_json else say(found.text)


@app.command("launch", rich_help_panel=CAMPAIGNS_PANEL)
def launch(name: CampaignName) -> None:
    """Start a draft, at once or at its time. Its files are uploaded first."""
    import asyncio

    from campaign.access.campaigns import launch
    from campaign.media.upload import upload_due
    from tasks.wiring import media_door_for

    with open_sessions() as sessions:
        asyncio.run(upload_due(sessions, media_door_for, utc_now(), campaign=name))
        # Whoever has the shell needs nobody's word: approval is a rule of the console and the API.
        _say_state(launch(sessions, at_the_shell(), name, now=utc_now(), approval_above=None))
    say(f"Messages leave while campaign up runs; follow it with campaign status {name} --watch")


@app.command("pause", rich_help_panel=CAMPAIGNS_PANEL)
def pause(name: CampaignName) -> None:
    """Stop sending within a second; `resume` goes on."""
    from campaign.access.campaigns import pause

    with open_sessions() as sessions:
        _say_state(pause(sessions, at_the_shell(), name))


@app.command("resume", rich_help_panel=CAMPAIGNS_PANEL)
def resume(name: CampaignName) -> None:
    """Go on with a paused campaign."""
    from campaign.access.campaigns import resume

    with open_sessions() as sessions:
        _say_state(resume(sessions, at_the_shell(), name, now=utc_now()))


@app.command("cancel", rich_help_panel=CAMPAIGNS_PANEL)
def cancel(name: CampaignName) -> None:
    """End a campaign for good: what was not sent is skipped."""
    from campaign.access.campaigns import cancel

    with open_sessions() as sessions:
        _say_state(cancel(sessions, at_the_shell(), name, now=utc_now()))


@app.command("status", rich_help_panel=CAMPAIGNS_PANEL)
def status(
    name: CampaignName,
    watch: Annotated[bool, typer.Option("--watch", metavar="", help="Follow it until it has ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where a campaign stands."""
    from console.cli import watch as view

    with open_stores() as opened:
        if watch:
            view.follow(opened, name, as_json=as_json)
            return
        with opened.sessions() as session:
            view.show(view.look(session, name, opened.share), as_json=as_json)


def _say_state(campaign: "Campaign") -> None:
    starts = f", starts at {words(campaign.start_at)}" if campaign.state == "scheduled" else ""
    say(f"Campaign {campaign.name} is {campaign.state}{starts}.")
