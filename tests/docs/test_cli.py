"""The page on the command line and the command line name the same commands."""

import re
from pathlib import Path

import typer

from console.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def commands(group, path="campaign"):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_every_command_is_on_the_page_and_no_other():
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `campaign ")]
    named = [command for row in rows for command in re.findall(r"`(campaign [a-z -]+)`", row.split(" | ")[0])]
    assert sorted(named) == sorted(commands(typer.main.get_command(app)))
