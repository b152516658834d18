"""What each run of a schedule is created from, kept as JSON: everything but the name, the instants and any secret."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from campaign.audience.query.address import is_address
from campaign.audience.query.known import CONTACTS
from campaign.creation import NewCampaign
from campaign.errors import UsageError

_REQUEST = TypeAdapter(NewCampaign)


def is_static(request: NewCampaign) -> bool:
    """Whether the audience is a file, which says the same at each run unless somebody writes it anew."""
    return isinstance(request.audience, Path) or not (request.audience == CONTACTS or is_address(request.audience))


def keep_request(request: NewCampaign, sha256: str | None) -> dict[str, Any]:
    """A request as JSON.

    sha256  of the file as it is now, kept among the uploads, for a run that finds it gone
    raises  UsageError when it would keep a password
    """
    if not is_static(request) and request.audience != CONTACTS and not str(request.audience).startswith("env:"):
        raise UsageError("a schedule does not keep addresses of databases, as they may hold a password; "
                         "put it into a variable of the workers and give --audience env:VARIABLE")  # fmt: skip
    bare = replace(request, reading=replace(request.reading, environment={}))
    if is_static(request):
        bare = replace(bare, audience=str(Path(request.audience).absolute()))
    if request.exclude is not None:
        bare = replace(bare, exclude=request.exclude.absolute())
    return {"campaign": _REQUEST.dump_python(bare, mode="json"), "file": is_static(request), "sha256": sha256}


def kept_request(kept: Mapping[str, Any], environment: Mapping[str, str], uploads: Path) -> NewCampaign:
    """The request again; a file that is gone is read from the uploads.

    environment  holds the addresses of databases
    """
    request = _REQUEST.validate_python(kept["campaign"])
    request = replace(request, reading=replace(request.reading, environment=environment))
    if not kept["file"]:
        return request
    path = Path(request.audience)
    if not path.exists() and kept["sha256"] is not None and (uploads / kept["sha256"]).exists():
        path = uploads / kept["sha256"]
    return replace(request, audience=path)
