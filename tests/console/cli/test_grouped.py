"""Options that several commands share."""

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from console.cli.grouped import grouped


@dataclass(frozen=True)
class Colours:
    """Two options, one of them needed."""

    ink: Annotated[str, typer.Option(help="Needed.")]
    paper: Annotated[int, typer.Option("--paper", min=1)] = 7


def run(*words):
    app, given = typer.Typer(), []

    @app.command()
    @grouped
    def draw(name: Annotated[str, typer.Argument()], colours: Colours, loud: bool = False) -> None:
        """Draw something."""
        given.append((name, colours, loud))

    return CliRunner().invoke(app, words), given


def test_the_fields_of_a_group_are_options_and_come_back_as_one_object():
    answer, given = run("ann", "--ink", "blue", "--paper", "3", "--loud")
    assert (answer.exit_code, given) == (0, [("ann", Colours("blue", 3), True)])
    assert run("ann", "--ink", "blue")[1] == [("ann", Colours("blue", 7), False)]


def test_what_is_needed_and_what_is_bounded_stays_so():
    assert run("ann")[0].exit_code == 2
    assert run("ann", "--ink", "blue", "--paper", "0")[0].exit_code == 2


def test_the_help_is_that_of_the_command():
    answer, _ = run("--help")
    assert "Draw something." in answer.output
    assert "Needed." in answer.output
