"""`/campaigns`: created, checked, launched, watched, reported. Addressed by id; a list is searched by name."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as Route
from fastapi.responses import StreamingResponse

from campaign.access import campaigns as acts
from campaign.access.roles import Act
from campaign.check import Forecast, forecast
from campaign.overview.campaigns import PAGE, CampaignLine, CampaignView, campaign_by_id, list_campaigns, view_campaign
from campaign.overview.recipients import Event, Recipient, list_recipients, timeline
from campaign.reports.summary import CampaignStatus, campaign_status
from campaign.reports.write import write_report
from campaign.row_preview import RowPreview, preview_row
from campaign.sequences.acts import approve_campaign
from campaign.variants.told import Comparison, compare
from console.api.campaign_in import CampaignIn
from console.api.door import Acting, Doored, Look, Viewing
from console.api.files import CsvFile, written
from console.api.long_work import long_work
from console.api.paging import Paged
from console.api.repeat import Repeatable
from console.api.shapes import CampaignState
from console.api.words import Cursor, Id, Limit
from console.uploading import upload_before_launch
from models.campaign import Campaign
from models.sender import Sender
from models.states import CampaignState as State

router = APIRouter(tags=["campaigns"])


@router.get("/campaigns")
def index(
    session: Look,
    pages: Paged,
    search: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[list[State] | None, Query()] = None,
    before: Cursor = None,
    limit: Limit = PAGE,
) -> list[CampaignLine]:
    """Campaigns, newest first."""
    found = list_campaigns(session, search=search, states=state, before_id=before, limit=limit + 1)
    return pages.cut(found, limit, before=lambda last: last.id)


@router.post("/campaigns", status_code=201)
def create(body: CampaignIn, door: Doored, by: Acting, again: Repeatable) -> CampaignState:
    """Make a draft. Nothing is sent before it is launched. Reading a long list takes its time."""

    def do() -> CampaignState:
        request = body.new_campaign(door.settings)
        with long_work():
            made = acts.create(door.sessions, by, request, now=door.clock(), settings=door.settings)
        return CampaignState.model_validate(made)

    by.require(Act.CREATE_CAMPAIGN)
    return again.answer(CampaignState, body, do)


def _named(id: Id, session: Look) -> Campaign:
    return campaign_by_id(session, id)


Named = Annotated[Campaign, Depends(_named)]


@router.get("/campaigns/{id}")
def show(campaign: Named, session: Look, door: Doored) -> CampaignView:
    """One campaign: counts that add up, its course over time, what went wrong, what waits."""
    return view_campaign(session, campaign.name, now=door.clock())


@router.delete("/campaigns/{id}", status_code=204)
def delete(campaign: Named, door: Doored, by: Acting) -> None:
    """Take back a draft that was never launched."""
    acts.delete_draft(door.sessions, by, campaign.name)


@router.get("/campaigns/{id}/status")
def status(campaign: Named, session: Look, door: Doored) -> CampaignStatus:
    """Where it stands, counted now, as `campaign status --json`."""
    sender = session.get_one(Sender, campaign.sender_id)
    effective = round(sender.rate_mps * door.share(sender.id), 1)
    return campaign_status(session, campaign.name, door.clock(), effective)


@router.get("/campaigns/{id}/check")
def check(campaign: Named, session: Look, door: Doored) -> Forecast:
    """What a launch would do: who would get it and who not, how long it takes, what the template lacks."""
    return forecast(session, campaign.name, now=door.clock(), settings=door.settings)


@router.get("/campaigns/{id}/variants")
def variants(campaign: Named, session: Look) -> Comparison:
    """Its variants compared: delivered, read, replied, the rule by which one wins, and which of them did."""
    return compare(session, campaign.name)


@router.get("/campaigns/{id}/rows/{row}/preview")
def preview(campaign: Named, row: Annotated[int, Route(ge=1, le=2**31 - 1)], session: Look) -> RowPreview:
    """What the person of one row will see."""
    return preview_row(session, campaign.name, row)


@router.post("/campaigns/{id}/launch")
def launch(campaign: Named, door: Doored, by: Acting, again: Repeatable) -> CampaignState:
    """Start a draft, at once or at its time; its files are uploaded first.

    Where a second person's word is wanted, it is asked for, and the campaign stays a draft.
    """

    def do() -> CampaignState:
        above, now = door.settings.approval_above, door.clock()
        upload_before_launch(door.sessions, by, [campaign.name], now=now, approval_above=above)
        moved = acts.launch(door.sessions, by, campaign.name, now=now, approval_above=above)
        left = CampaignState.model_validate(moved)
        left.asked_for_approval = moved.state == State.DRAFT
        return left

    return again.answer(CampaignState, {}, do)


@router.post("/campaigns/{id}/approve")
def approve(campaign: Named, door: Doored, by: Acting) -> CampaignState:
    """Say yes to a launch that somebody else asked for."""
    now = door.clock()
    upload_before_launch(door.sessions, by, [campaign.name], now=now, act=Act.APPROVE)
    return CampaignState.model_validate(approve_campaign(door.sessions, by, campaign.name, now=now))


@router.post("/campaigns/{id}/pause")
def pause(campaign: Named, door: Doored, by: Acting) -> CampaignState:
    """Stop sending within a second."""
    return CampaignState.model_validate(acts.pause(door.sessions, by, campaign.name))


@router.post("/campaigns/{id}/resume")
def resume(campaign: Named, door: Doored, by: Acting) -> CampaignState:
    """Go on with a paused campaign."""
    return CampaignState.model_validate(acts.resume(door.sessions, by, campaign.name, now=door.clock()))


@router.post("/campaigns/{id}/cancel")
def cancel(campaign: Named, door: Doored, by: Acting) -> CampaignState:
    """End a campaign for good: what was not sent is skipped."""
    return CampaignState.model_validate(acts.cancel(door.sessions, by, campaign.name, now=door.clock()))


@router.get("/campaigns/{id}/recipients")
def recipients(
    campaign: Named,
    session: Look,
    door: Doored,
    pages: Paged,
    state: Annotated[str | None, Query(max_length=20, description="Of a message, or refused")] = None,
    search: Annotated[str, Query(max_length=100, description="Phone, number of a row, or part of a name")] = "",
    after: Cursor = None,
    limit: Limit = 50,
) -> list[Recipient]:
    """Rows in the order of the list."""
    known = {"state": state, "search": search, "after": after or 0}
    found = list_recipients(session, campaign.name, now=door.clock(), limit=limit + 1, **known)  # type: ignore[arg-type]
    return pages.cut(found, limit, after=lambda last: last.cursor)


@router.get("/campaigns/{id}/messages/{message_id}")
def message(campaign: Named, message_id: Annotated[int, Route(ge=1, le=2**62)], session: Look) -> list[Event]:
    """What happened to one message, oldest first."""
    return timeline(session, campaign.name, message_id)


@router.get("/campaigns/{id}/reports/{kind}", response_class=CsvFile)
def report(
    campaign: Named,
    kind: Annotated[str, Route(max_length=20, description="recipients, summary, errors, rejected or replies")],
    door: Doored,
    by: Viewing,
) -> StreamingResponse:
    """A report as CSV: recipients, summary, errors, rejected or replies."""
    by.require(Act.DOWNLOAD_REPORT)
    with door.sessions() as session:
        found = campaign_by_id(session, campaign.id)
        return written(lambda out: write_report(session, found, kind, out), f"campaign-{campaign.id}-{kind}.csv")
