"""`campaign sequences`: campaigns that follow one another for each person."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.access import at_the_shell
from console.cli.grouped import grouped
from console.cli.options import CAMPAIGNS_PANEL, AsJson, utc_now
from console.cli.output import print_json, say, table, terminal, warn
from console.cli.sending import Sending
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from campaign.sequences.views import SequenceView, StepView
    from models.sequence import Sequence

app = typer.Typer(
    help="Campaigns that follow one another for each person, as far as the step before came.", no_args_is_help=True
)

SequenceName = Annotated[str, typer.Argument(metavar="NAME", help="The sequence's name.")]
StepsFile = Annotated[Path, typer.Argument(metavar="FILE", help="The steps, as samples/sequence.toml writes them.")]


@app.command("create", rich_help_panel=CAMPAIGNS_PANEL)
@grouped
def create(name: SequenceName, file: StepsFile, sending: Sending) -> None:
    """Make a draft: a campaign for each step, from one list. Nothing is sent before `sequences launch`."""
    from campaign.creation import NewCampaign
    from campaign.sequences import acts
    from campaign.sequences.making import NewSequence
    from campaign.sequences.steps import read_steps
    from campaign.settings import current_settings
    from console.cli.watch import reading

    plan = read_steps(file)
    start_at, deadline_at = sending.instants()
    request = NewCampaign(
        name=name, template=plan.first.template, language=plan.first.language,
        start_at=start_at, deadline_at=deadline_at, timing=sending.timing(), **sending.fields(),
    )  # fmt: skip
    with open_sessions() as sessions, reading(request.audience_name) as progress:
        acts.create(
            sessions, at_the_shell(), NewSequence(request, plan),
            now=utc_now(), settings=current_settings(), progress=progress,
        )  # fmt: skip
    _say_created(name)


@app.command("launch", rich_help_panel=CAMPAIGNS_PANEL)
def launch(name: SequenceName) -> None:
    """Start the first step, at once or at its time; the others follow by themselves."""
    from campaign.sequences import acts
    from console.uploading import steps_of, upload_before_launch

    with open_sessions() as sessions:
        with sessions() as session:
            steps = steps_of(session, name)
        upload_before_launch(sessions, at_the_shell(), steps, now=utc_now())
        _say_state(acts.launch(sessions, at_the_shell(), name, now=utc_now()))
    say(f"Messages leave while campaign up runs; see campaign sequences show {name}")


@app.command("pause", rich_help_panel=CAMPAIGNS_PANEL)
def pause(name: SequenceName) -> None:
    """No step sends and nobody goes on to the next one, until `resume`."""
    from campaign.sequences import acts

    with open_sessions() as sessions:
        _say_state(acts.pause(sessions, at_the_shell(), name))


@app.command("resume", rich_help_panel=CAMPAIGNS_PANEL)
def resume(name: SequenceName) -> None:
    """Go on with a paused sequence, and with every step of it that a person had paused."""
    from campaign.sequences import acts

    with open_sessions() as sessions:
        _say_state(acts.resume(sessions, at_the_shell(), name, now=utc_now()))


@app.command("cancel", rich_help_panel=CAMPAIGNS_PANEL)
def cancel(name: SequenceName) -> None:
    """End a sequence for good: what was not sent is skipped, and nobody goes on."""
    from campaign.sequences import acts

    with open_sessions() as sessions:
        _say_state(acts.cancel(sessions, at_the_shell(), name, now=utc_now()))


@app.command("list", rich_help_panel=CAMPAIGNS_PANEL)
def list_(as_json: AsJson = False) -> None:
    """Show every sequence: where it stands, its people, and how many of them have not ended."""
    from campaign.sequences.views import views

    with open_session() as session:
        found = views(session)
    if as_json:
        print_json(found)
    elif found:
        rows = [(each.name, each.state, len(each.steps), each.people, each.active) for each in found]
        terminal().print(table(("sequence", "state", "steps", "people", "not ended"), rows))
    else:
        say("There is no sequence; make one with campaign sequences create")


@app.command("show", rich_help_panel=CAMPAIGNS_PANEL)
def show(name: SequenceName, as_json: AsJson = False) -> None:
    """Show one sequence: people per step, and why they went no further."""
    from campaign.sequences.views import view

    with open_session() as session:
        found = view(session, name)
    if as_json:
        print_json(found)
        return
    say(_headline(found))
    columns = ("step", "campaign", "state", "template", "when", "came", "messages", "still here", "ended here")
    terminal().print(table(columns, (_row(step) for step in found.steps)))


def _say_created(name: str) -> None:
    from campaign.audience.told import reading_words
    from campaign.creation import audience_of
    from campaign.lifecycle import find_campaign
    from campaign.sequences.views import view

    with open_session() as session:
        found = view(session, name)
        audience = audience_of(session, find_campaign(session, found.steps[0].campaign))
    say(reading_words(audience))
    for warning in audience.warnings:
        warn(warning)
    say(
        f"Sequence {name} is a draft of {len(found.steps)} steps: {audience.row_count:,} rows, "
        f"{found.people:,} people, {audience.rejected_count:,} refused."
    )
    for step in found.steps:
        say(f"  {step.number}. {step.template}: {step.when}; campaign {step.campaign}")
    say(f"Next: campaign check '{found.steps[0].campaign}', then campaign sequences launch {name}")


def _headline(found: "SequenceView") -> str:
    left = f"; {found.active:,} of {found.people:,} people have not ended" if found.people else ""
    return f"Sequence {found.name} is {found.state}{left}."


def _row(step: "StepView") -> tuple[object, ...]:
    return (
        step.number, step.campaign, step.state, step.template, step.when, sum(step.messages.values()),
        _listed(step.messages), step.waiting, _listed(step.ended),
    )  # fmt: skip


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())


def _say_state(sequence: "Sequence") -> None:
    say(f"Sequence {sequence.name} is {sequence.state}.")
