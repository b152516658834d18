"""What an audience names, opened as a list: a file, a query on a database, or the engine's own contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from campaign.audience.bounds import DEFAULT_BOUNDS, Bounds
from campaign.audience.query.address import address_of, check_slashes, is_address, masked
from campaign.audience.query.foreign import ask
from campaign.audience.query.known import CONTACTS, ask_contacts
from campaign.audience.source import ListSource, open_list, open_spool
from campaign.audience.spool import spool_file
from campaign.errors import UsageError
from models.session import Sessions, session_scope


@dataclass(frozen=True, slots=True)
class Reading:
    """How an audience is to be read.

    sheet       of a workbook
    query       on a database; `parameters` are `name=value` items for its `:name` places
    where       conditions on the engine's contacts, see campaign.audience.query.known
    landlines   take landlines too; `services` takes premium, shared-cost, toll-free and the like
    """

    sheet: str | None = None
    query: str | None = None
    parameters: Sequence[str] = ()
    where: Sequence[str] = ()
    landlines: bool = False
    services: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def taken_too(self) -> list[str]:
        """The kinds of phones that are taken beside mobiles, in words."""
        return ["landlines"] * self.landlines + ["service numbers"] * self.services


def open_audience(
    sessions: Sessions,
    audience: Path | str,
    reading: Reading,
    *,
    phone_column: str | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> ListSource:
    """The list that an audience names; nothing of it is kept.

    audience  a file, `contacts`, the address of a database, or `env:VARIABLE` that holds one
    raises    UsageError, NotFound or BadList, naming the thing and the next step
    """
    _check_fit(audience, reading)
    if isinstance(audience, Path) or not (audience == CONTACTS or is_address(audience)):
        return open_list(Path(audience), phone_column=phone_column, sheet=reading.sheet, bounds=bounds)
    spool = spool_file()
    try:
        if audience == CONTACTS:
            with session_scope(sessions) as session:
                how = ask_contacts(session, reading.where, spool, bounds)
        else:
            address = address_of(audience, reading.environment)
            how = ask(address, reading.query, reading.parameters, spool, bounds)
        return open_spool(spool, Path(_shown(audience)), phone_column=phone_column, how=how, bounds=bounds)
    except BaseException:
        spool.unlink(missing_ok=True)
        raise


def audience_name(audience: Path | str) -> str:
    """What a list is called; never with a secret in it."""
    if isinstance(audience, Path):
        return audience.name
    return masked(audience) if audience == CONTACTS or is_address(audience) else Path(audience).name


def _check_fit(audience: Path | str, reading: Reading) -> None:
    text = str(audience)
    if not isinstance(audience, Path) and not is_address(audience):
        check_slashes(audience)
    from_database = not isinstance(audience, Path) and is_address(audience)
    if (reading.query is not None or reading.parameters) and not from_database:
        raise UsageError(f"--query asks a database, and --audience {text} is none; give its address")
    if reading.where and text != CONTACTS:
        raise UsageError(f"--where filters --audience contacts, not {masked(text)}; leave it out")
    if reading.sheet is not None and (from_database or text == CONTACTS):
        raise UsageError(f"--sheet {reading.sheet}: {masked(text)} is no workbook; leave it out")


def _shown(audience: str) -> str:
    """What a list that is no file is called."""
    return audience if audience == CONTACTS else "query"
