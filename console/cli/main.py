"""`campaign`: the command line. Every error is one clear line on standard error and an exit code other than 0."""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from campaign.errors import CampaignError
from console.cli import (
    access,
    campaigns,
    check,
    consent,
    contacts,
    costs,
    create,
    doctor,
    engine,
    move,
    reports,
    schedule,
    senders,
    sequences,
    stop_words,
    subscriptions,
    suppressions,
    templates,
    uncertain,
    uploads,
    variants,
    webhooks,
)
from console.cli.options import CAMPAIGNS_PANEL
from console.cli.output import fail, one_line, say

DEBUG = "CAMPAIGN_DEBUG"
INTERRUPTED = 130

app = typer.Typer(
    name="campaign",
    help="Send an approved WhatsApp template to everyone on a list who agreed to receive it.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# In the order of the help page: start it, set it up, run a campaign.
app.add_typer(engine.app)
app.add_typer(doctor.app)
app.add_typer(senders.app, name="senders", rich_help_panel="Set-up")
app.add_typer(templates.app, name="templates", rich_help_panel="Set-up")
app.add_typer(webhooks.app, name="webhooks", rich_help_panel="Set-up")
app.add_typer(consent.app, name="consent", rich_help_panel="Set-up")
app.add_typer(contacts.app, name="contacts", rich_help_panel="Set-up")
app.add_typer(suppressions.app, name="suppressions", rich_help_panel="Set-up")
app.add_typer(stop_words.app, name="stop-words", rich_help_panel="Set-up")
app.add_typer(uploads.app, name="uploads", rich_help_panel=CAMPAIGNS_PANEL)
app.add_typer(costs.app, name="costs", rich_help_panel="Set-up")
app.add_typer(access.users, name="users", rich_help_panel="Set-up")
app.add_typer(access.keys, name="keys", rich_help_panel="Set-up")
app.add_typer(access.audit)
app.add_typer(subscriptions.app, name="subscriptions", rich_help_panel="Set-up")
app.add_typer(create.app)
app.add_typer(schedule.app, name="schedule", rich_help_panel=CAMPAIGNS_PANEL)
app.add_typer(sequences.app, name="sequences", rich_help_panel=CAMPAIGNS_PANEL)
app.add_typer(check.app)
app.add_typer(campaigns.app)
app.add_typer(uncertain.app)
app.add_typer(move.app)
app.add_typer(variants.app)
app.add_typer(reports.app)


def run() -> None:
    """The console script."""
    sys.exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong use, 130 interrupted."""
    try:
        code = app(args=arguments, prog_name="campaign", standalone_mode=False)
    except CampaignError as error:
        return fail(str(error), code=error.exit_code)
    except TyperException as error:
        return _wrong_use(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the edge of the program: whatever it is, the reader gets one line
        return _unexpected(error)
    return code if isinstance(code, int) else 0


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(version("campaign-engine"))
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", metavar="", help="Show the traceback of an unexpected error.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Send an approved WhatsApp template to everyone on a list who agreed to receive it."""
    if debug:
        os.environ[DEBUG] = "1"


def _wrong_use(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    if not error.format_message() and context is not None:
        # A group without a command shows its help, and has done so.
        return error.exit_code
    # The library that reads values says so of each that it refuses.
    text = one_line(error.format_message()).replace("Value error, ", "").rstrip(".")
    hint = f"; see {context.command_path} --help" if context is not None else ""
    return fail(f"{text[:1].lower()}{text[1:]}{hint}", code=error.exit_code)


def _unexpected(error: Exception) -> int:
    if _debugging():
        traceback.print_exception(error)
    if sentence := _store_trouble(error):
        return fail(sentence, code=1)
    what = one_line(str(error)) or "no message"
    return fail(f"unexpected {type(error).__name__}: {what[:200]}; the details are in {_keep(error)}", code=1)


def _debugging() -> bool:
    return os.environ.get(DEBUG, "").lower() in {"1", "true", "yes", "on"}


def _store_trouble(error: Exception) -> str | None:
    from sqlalchemy.exc import OperationalError

    if not isinstance(error, OperationalError):
        return None
    reason = one_line(str(error.orig))
    if "lock timeout" in reason:
        return "another command works on the same campaign or list; try again in a moment"
    return f"the database stopped answering ({reason[:200]}); nothing was changed, try again"


def _keep(error: Exception) -> Path:
    """Write the traceback to a file under the home, or the temp folder when that cannot be written."""
    import tempfile

    text = f"{datetime.now(UTC).isoformat()}\n{''.join(traceback.format_exception(error))}\n"
    name = f"error-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
    for folder in (Path(os.environ.get("CAMPAIGN_HOME", ".campaign"), "log"), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = (folder / name).absolute()
            path.write_text(text, "utf-8")
            path.chmod(0o600)
        except OSError:
            continue
        return path
    return Path(os.devnull)
