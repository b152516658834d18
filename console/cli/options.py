"""Options that several commands share, and how their text is read."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

CAMPAIGNS_PANEL = "Campaigns"

AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON instead of a table.")]
SenderOption = Annotated[str, typer.Option("--sender", metavar="NAME", help="Name of the sender.")]
MaybeSender = Annotated[str | None, typer.Option("--sender", metavar="NAME", help="Only those of this sender.")]
MaybeLanguage = Annotated[
    str | None, typer.Option("--language", metavar="CODE", help="Only this language, such as en_US.")
]
CampaignName = Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name.")]
Region = Annotated[str | None, typer.Option(help="Country of phones written without one, such as MX.", metavar="CC")]


class ConsentCategory(StrEnum):
    """The categories as the command line names them."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"
    ALL = "all"


class RoleName(StrEnum):
    """The roles as the command line names them."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


class ProviderName(StrEnum):
    """The providers as the command line names them."""

    CLOUD = "cloud"
    D360 = "d360"
    D360_ONPREM = "d360-onprem"


def instant(text: str) -> datetime:
    """A moment in ISO 8601 with its offset, as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment; write it like 2026-11-20T09:00:00+01:00") from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no offset from UTC; write it like {moment.isoformat()}+00:00")
    return moment.astimezone(UTC)


def tier(text: str) -> int | None:
    """A number of recipients, or `unlimited`."""
    if text.lower() == "unlimited":
        return None
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise typer.BadParameter(f"{text!r} is no tier; give a number of recipients in 24 h, or unlimited")


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)
