"""`/campaigns/{id}/…`: messages moved to another template, decided about when in doubt, billed, and proven."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from campaign.access import campaigns as acts
from campaign.access.roles import Act
from campaign.contacts.proof import prove, write_proofs
from campaign.costs.actual import CampaignCost, campaign_cost
from campaign.moving.move import Move, MovePlan, What, plan_move
from campaign.uncertain.doubts import Doubts, find_doubts
from campaign.uncertain.resolve import Decision
from console.api.campaign_in import with_files
from console.api.campaigns import Named
from console.api.door import Acting, Door, Doored, Look
from console.api.files import CsvFile, written
from console.api.long_work import long_work
from console.api.repeat import Repeatable
from console.api.shapes import Body, Count
from console.api.words import Text

router = APIRouter(tags=["campaigns"])

PhoneQuery = Annotated[str, Query(min_length=1, max_length=64, description="With + and country code")]


class MoveIn(Body):
    """Where messages go that were dropped or not sent yet."""

    template: Text
    language: Annotated[Text | None, Field(description="Without it the same")] = None
    mapping: Annotated[
        Sequence[Text], Field(max_length=200, description="SLOT=SLOT of the one before, SLOT==TEXT, or SLOT=@UPLOAD")
    ] = ()
    what: What = What.ALL

    def of(self, name: str, door: Door) -> Move:
        """The move of one campaign."""
        return Move(name, self.template, self.language, with_files(self.mapping, door.settings), self.what)


class ResolveIn(Body):
    """What becomes of messages that may or may not have been sent."""

    decision: Decision
    older_than_s: Annotated[float, Field(ge=0, le=3650 * 86_400, description="Only those claimed so long ago")] = 0


@router.post("/campaigns/{id}/move/plan")
def plan(campaign: Named, body: MoveIn, session: Look, door: Doored) -> MovePlan:
    """What a move would do; nothing is changed."""
    with long_work():
        return plan_move(session, body.of(campaign.name, door), now=door.clock())


@router.post("/campaigns/{id}/move")
def move(campaign: Named, body: MoveIn, door: Doored, by: Acting, again: Repeatable) -> MovePlan:
    """Send what was dropped or not sent yet with another template; nobody is written to twice."""

    def do() -> MovePlan:
        with long_work():
            return acts.move(door.sessions, by, body.of(campaign.name, door), now=door.clock())

    by.require(Act.MOVE)
    return again.answer(MovePlan, body, do)


@router.get("/campaigns/{id}/uncertain")
def uncertain(campaign: Named, session: Look, door: Doored) -> Doubts:
    """What may or may not have been sent, why, and what would resolve it."""
    return find_doubts(session, campaign.name, door.settings, now=door.clock())


@router.post("/campaigns/{id}/uncertain")
def resolve(campaign: Named, body: ResolveIn, door: Doored, by: Acting) -> Count:
    """Decide about it: send once more, at the risk of a second message, or give up; how many were moved."""
    by.require(Act.RESOLVE_UNCERTAIN)
    older_than = timedelta(seconds=body.older_than_s)
    with long_work():
        done = acts.resolve_uncertain(door.sessions, by, campaign.name, body.decision, older_than, now=door.clock())
    return Count(count=done)


@router.get("/campaigns/{id}/costs")
def costs(campaign: Named, session: Look) -> CampaignCost:
    """What it has cost so far by the platform's own word, and why that is not what all of it would have cost."""
    return campaign_cost(session, campaign)


@router.get("/campaigns/{id}/proof")
def proof(campaign: Named, phone: PhoneQuery, session: Look, door: Doored) -> Mapping[str, Any]:
    """What allowed the message to one person: the consent in force when it was claimed, and its seal."""
    return prove(session, campaign.name, phone, now=door.clock())


@router.get("/campaigns/{id}/proofs", response_class=CsvFile)
def proofs(campaign: Named, door: Doored, by: Acting) -> StreamingResponse:
    """The same for every message, as CSV."""
    by.require(Act.DOWNLOAD_REPORT)
    name = f"campaign-{campaign.id}-proofs.csv"
    with door.sessions() as session:
        return written(lambda out: write_proofs(session, campaign.name, out, now=door.clock()), name)
