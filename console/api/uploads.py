"""`/uploads`: lists that arrive for a campaign, and those that campaigns were made from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from campaign.access import lists
from campaign.access.incoming import receive
from campaign.access.roles import Act
from campaign.audience.uploads import get_upload, kept_uploads
from console.api.door import Acting, Doored, Look, Viewing
from console.api.files import AnyFile, written
from console.api.paging import Paged
from console.api.shapes import Answer, UploadOut
from console.api.words import Limit

router = APIRouter(tags=["uploads"])

Which = Annotated[str, Path(max_length=100, description="First characters of its SHA-256, or a campaign made from it")]
Sha = Annotated[str | None, Query(pattern=r"^[0-9a-f]{64}$", description="Given by the Link of the page before")]
_LIST = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {
    "type": "string", "format": "binary",
}}}}}  # fmt: skip


class KeptOut(Answer):
    """A list that campaigns were made from; `there`: its file still lies here."""

    sha256: str
    file_name: str
    size_bytes: int
    created_at: datetime
    campaigns: Sequence[str]
    there: bool


@router.post("/uploads", status_code=201, openapi_extra=_LIST)
async def upload(request: Request, name: Annotated[str, Query(max_length=500)], door: Doored, by: Acting) -> UploadOut:
    """Take a list as the body of the request, as it is: CSV or Excel. It waits for a day to be made into something."""
    by.require(Act.CREATE_CAMPAIGN)
    return UploadOut.model_validate(await receive(door.settings, name, request.stream()))


@router.get("/uploads")
def index(session: Look, door: Doored, pages: Paged, after: Sha = None, limit: Limit = 50) -> list[KeptOut]:
    """Lists that campaigns were made from, newest first."""
    found = kept_uploads(session, door.settings)
    begin = next((place for place, each in enumerate(found, 1) if each.sha256 == after), 0)
    page = pages.cut(found[begin : begin + limit + 1], limit, after=lambda last: last.sha256)
    return [KeptOut.model_validate(each) for each in page]


@router.get("/uploads/{which}", response_class=AnyFile)
def get(which: Which, door: Doored, by: Viewing) -> StreamingResponse:
    """A list, byte for byte as it was uploaded, under the name that it had."""
    by.require(Act.DOWNLOAD_REPORT)
    with door.sessions() as session:
        return written(
            lambda out: get_upload(session, door.settings, which, out),
            lambda found: found.file_name,
            "application/octet-stream",
        )


@router.delete("/uploads/{which}", status_code=204)
def remove(which: Which, door: Doored, by: Acting) -> None:
    """Delete the file of a list for good; campaigns made from it stay."""
    lists.remove_upload(door.sessions, by, door.settings, which)
