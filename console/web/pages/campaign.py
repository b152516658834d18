"""`/campaigns/{id}`: one campaign, live."""

from campaign.errors import NotFound
from console.web.campaign_page.live import LivePage
from console.web.page import page
from console.web.visit import Visit

LARGEST_ID = 2**62


@page("/campaigns/{id:int}", "campaign.title")
async def campaign(visit: Visit) -> None:
    """The campaign of an id."""
    id_ = int(visit.path["id"])
    if id_ > LARGEST_ID:
        raise NotFound(visit.words("campaign.gone"))
    await LivePage(visit, id_).begin()
