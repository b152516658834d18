"""The commands printed in our pages are commands of the real program, with arguments that it takes."""

import re
from typing import Any

import pytest
import typer

from campaign.settings import PREFIX, Settings
from console.cli.main import app
from tests.docs.pages import PAGES, ROOT, command_lines

PRINTED = [(page, words) for page in PAGES for words in command_lines(page)]
OF_CAMPAIGN = [words for _, words in PRINTED if words[0] == "campaign"]
SHELL = {".", "export", "make", "campaign"}


@pytest.mark.parametrize("words", OF_CAMPAIGN, ids=" ".join)
def test_a_printed_command_is_understood(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while hasattr(command, "commands"):
        assert rest, f"{' '.join(words)} names no command"
        assert rest[0] in command.commands
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(words[0], rest)


def test_the_check_would_see_an_option_that_is_gone() -> None:
    command: Any = typer.main.get_command(app)
    with pytest.raises(Exception, match="no-such-option"):
        command.commands["launch"].make_context("launch", ["spring", "--no-such-option"])


def test_every_other_printed_command_is_of_the_shell_or_a_file_of_the_project() -> None:
    others = {words[0] for _, words in PRINTED} - SHELL
    assert not [name for name in others if not name.startswith(".venv/bin/") and not (ROOT / name).is_file()]


def test_files_in_printed_commands_exist() -> None:
    names = [word for words in OF_CAMPAIGN for word in words if re.match(r"(samples|docs)/", word)]
    assert names
    assert not [name for name in names if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_named_in_a_page_exist(page: Any) -> None:
    names = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", page.read_text(encoding="utf-8")))
    assert names <= {f"{PREFIX}{name}".upper() for name in Settings.model_fields}


def test_the_readme_goes_from_a_sender_to_a_report() -> None:
    readme = ROOT / "README.md"
    steps = [words[1] for page, words in PRINTED if page == readme and words[0] == "campaign"]
    path = ["up", "senders", "templates", "consent", "create", "check", "launch", "status", "report"]
    assert steps == path
