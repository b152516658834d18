"""A question before something that cannot be taken back."""

import sys

import typer

from campaign.errors import UsageError


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether a person wants it: said beforehand with `--yes`, or asked on a terminal.

    raises  UsageError where there is nobody to ask
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Say so with --yes; nothing was changed")
    return typer.confirm(question)
