"""`campaign templates`: approved texts."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.options import AsJson, MaybeLanguage, MaybeSender, SenderOption, utc_now
from console.cli.output import counted, print_json, say, show_listing
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from campaign.templates.lint import Finding, TemplateText
    from campaign.templates.sync import SyncResult
    from models.sender import Sender
    from models.session import Sessions
    from models.template import Template

What = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A JSON file of templates, or a name.")]
ValuesFile = Annotated[
    Path | None, typer.Option("--values", metavar="FILE", help='JSON file with a text per slot: {"body.1": "Ann"}.')
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The template's name.")]

app = typer.Typer(no_args_is_help=True, help="Approved texts, as the platform has them.")


@app.command("sync")
def sync(sender: SenderOption, as_json: AsJson = False) -> None:
    """Read all templates of a sender's account from the platform."""
    from campaign.senders import find_sender

    with open_sessions() as sessions:
        with sessions() as session:
            found = find_sender(session, sender)
        result = asyncio.run(_sync(sessions, found))
    print_json(result) if as_json else _say_result(result)


@app.command("list")
def list_(sender: MaybeSender = None, as_json: AsJson = False) -> None:
    """List the templates as of the last sync."""
    from campaign.templates.find import list_templates

    with open_session() as session:
        rows = [_facts(template) for template in list_templates(session, sender)]
    empty = "No template yet; read them with campaign templates sync --sender SENDER."
    columns = ("name", "language", "category", "status", "quality", "synced_at")
    show_listing(rows, as_json=as_json, columns=columns, empty=empty)


@app.command("show")
def show(name: Name, language: MaybeLanguage = None, as_json: AsJson = False) -> None:
    """Show a template: its text, and the slots that each message fills; those in brackets may stay empty."""
    from campaign.templates.find import find_by_name
    from campaign.templates.preview import examples, preview

    with open_session() as session:
        found = find_by_name(session, name, language)
    if as_json:
        print_json([_facts(template) for template in found])
        return
    for template in found:
        say(f"{name} ({template.language}), {template.category}, {template.status}")
        say(preview(template.components, template.parameter_format, examples(*_shape(template))))
        say(f"Slots: {', '.join(_slots(template)) or 'none'}\n")


@app.command("lint")
def lint(what: What, language: MaybeLanguage = None, as_json: AsJson = False) -> None:
    """Say what the platform would refuse and what people would dislike. Exit code 1 when it would be refused."""
    from campaign.templates.lint import Level, lint_template

    findings = {f"{t.name} ({t.language})": lint_template(t) for t in _named_or_in_file(what, language)}
    print_json(findings) if as_json else _say_findings(findings)
    if any(finding.level is Level.ERROR for found in findings.values() for finding in found):
        raise typer.Exit(1)


@app.command("preview")
def preview_(what: What, values: ValuesFile = None, language: MaybeLanguage = None) -> None:
    """Show the text that a person will see, and what lint finds; without values, where each will stand."""
    from campaign.templates.file import read_values

    given = read_values(values) if values is not None else None
    for template in _named_or_in_file(what, language):
        _say_preview(template, given)


def _say_preview(template: "TemplateText", given: "dict[str, str] | None") -> None:
    from campaign.templates.lint import lint_template
    from campaign.templates.preview import examples, preview
    from campaign.templates.try_values import prepared

    shape = template.components, template.parameter_format
    shown = examples(*shape) if given is None else prepared(template, given)
    say(f"{template.name} ({template.language}), {template.category}")
    say(preview(*shape, shown, category=template.category))
    for finding in lint_template(template):
        say(f"{finding.level}: {finding.text}")


async def _sync(sessions: "Sessions", sender: "Sender") -> "SyncResult":
    from campaign.lifecycle import follow_templates
    from campaign.templates.sync import sync_templates
    from models.session import session_scope
    from tasks.wiring import provider_for

    provider = provider_for(sender)
    try:
        result = await sync_templates(sessions, sender, provider, now=utc_now())
    finally:
        await provider.aclose()
    with session_scope(sessions) as session:
        follow_templates(session)
    return result


def _say_result(result: "SyncResult") -> None:
    ended = f"{result.added} new, {result.changed} changed, {result.gone} no longer listed"
    say(f"{counted(result.listed, 'template')}: {ended}.")


def _named_or_in_file(what: str, language: str | None) -> "Sequence[TemplateText]":
    from campaign.templates.file import read_templates
    from campaign.templates.find import find_by_name

    if what.endswith(".json") or Path(what).exists():
        return read_templates(Path(what))
    with open_session() as session:
        return find_by_name(session, what, language)


def _say_findings(findings: "dict[str, list[Finding]]") -> None:
    for name, found in findings.items():
        say(f"{name}: {'nothing to mend' if not found else counted(len(found), 'finding')}")
        for finding in found:
            say(f"  {finding.level}: {finding.text}")


def _facts(template: "Template") -> dict[str, Any]:
    names = (
        "name language account category status quality parameter_format ttl_seconds unpaused_at synced_at components"
    )
    return {name: getattr(template, name) for name in names.split()} | {"slots": _slots(template)}


def _slots(template: "Template") -> list[str]:
    from campaign.templates.slots import slots_of

    return [f"[{slot.key}]" if slot.optional else slot.key for slot in slots_of(*_shape(template))]


def _shape(template: "Template") -> tuple[list[dict[str, Any]], str]:
    return template.components, template.parameter_format
