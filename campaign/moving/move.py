"""A move planned, counted, and done: in one transaction, or not at all."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import structlog
from sqlalchemy.orm import Session

from campaign import store as campaigns
from campaign.errors import Conflict
from campaign.lifecycle import find_campaign, go_on_moved
from campaign.media.keep import keep_files
from campaign.moving import store
from campaign.moving.refill import NAME, kept_columns, make_refill, refill_mapping, told_mapping
from campaign.moving.store import Movable
from campaign.templates.fill import MissingValue, RowFiller, UnfitValue
from campaign.templates.find import find_template, require_sendable
from campaign.templates.mapping import parse_mapping
from campaign.templates.preview import preview
from campaign.templates.slots import slots_of
from models.campaign import Campaign
from models.people import Category
from models.sender import Sender
from models.session import Sessions, session_scope
from models.states import CampaignState, MessageState
from models.template import Template

log = structlog.get_logger(__name__)

AT_ONCE = 20_000

MOVABLE_IN = (CampaignState.PAUSED, CampaignState.SETTLING, CampaignState.COMPLETED)


class What(StrEnum):
    """Which messages are moved: those that the platform dropped, those not sent yet, or both."""

    DROPPED = "dropped"
    UNSENT = "unsent"
    ALL = "all"

    @property
    def states(self) -> list[str]:
        """The states of messages that are meant."""
        meant = {What.DROPPED: (MessageState.DROPPED,), What.UNSENT: (MessageState.QUEUED,)}
        return [state.value for state in meant.get(self, (MessageState.DROPPED, MessageState.QUEUED))]


@dataclass(frozen=True, slots=True)
class Move:
    """A move that is asked for. `language` None is that of the campaign's own template; `mapping` are `--map` items."""

    name: str
    template: str
    language: str | None = None
    mapping: Sequence[str] = ()
    what: What = What.ALL


@dataclass(slots=True)
class MovePlan:
    """What a move would do, or did.

    messages  that go to the new template, by the state they are in
    unfit     that cannot be filled and stay as they are, by what is wrong
    staying   queued messages that stay with a template of before
    example   what the first of them will see
    """

    name: str
    template: str
    language: str
    category: str
    messages: dict[str, int] = field(default_factory=dict)
    unfit: dict[str, int] = field(default_factory=dict)
    staying: int = 0
    staying_with: str = ""
    example: str | None = None
    state: str = ""

    @property
    def total(self) -> int:
        """Messages that go to the new template."""
        return sum(self.messages.values())


class _Ways(NamedTuple):
    """From where to where: the templates so far, the new one, and how it is filled."""

    before: Sequence[Template]
    target: Template
    mapping: Mapping[str, Mapping[str, Any]]
    movable: Movable
    refill: RowFiller


def plan_move(session: Session, request: Move, *, now: datetime) -> MovePlan:
    """What a move would do; nothing is changed.

    raises  NotFound, UsageError, Conflict when it cannot be done at all
    """
    campaign = find_campaign(session, request.name)
    ways = _ways(session, campaign, request, now)
    plan = _new_plan(campaign, ways)
    for _ in _filled(session, ways, plan):
        pass
    _note_staying(session, campaign, ways, plan)
    plan.staying -= plan.messages.get(MessageState.QUEUED, 0)
    return plan


def move(sessions: Sessions, request: Move, *, now: datetime) -> MovePlan:
    """Queue dropped and unsent messages with another template; all in one transaction.

    Consent is asked again at the claim, for the greater of the two categories. Messages that were handed over before
    keep their template: a retry of theirs goes out as they were.

    returns  what was done, and the state in which the campaign is now
    raises   as `plan_move`
    """
    with session_scope(sessions) as session:
        find_campaign(session, request.name)
        campaign = campaigns.lock_campaign(session, request.name)
        assert campaign is not None
        store.begin(session)
        ways = _ways(session, campaign, request, now)
        plan = _new_plan(campaign, ways)
        for rows in _filled(session, ways, plan):
            store.stage(session, rows)
        if not plan.messages:
            return plan
        mapping = _with_files(session, ways)
        store.move_staged(session, ways.movable, now)
        store.keep_own(session, campaign.id, campaign.template_id)
        _note_staying(session, campaign, ways, plan)
        _point_to(campaign, ways, told_mapping(mapping, campaign.mapping), stays=plan.staying > 0)
        go_on_moved(session, campaign)
        plan.state = campaign.state
    log.info("messages moved", campaign=plan.name, template=plan.template, messages=plan.messages)
    return plan


def _ways(session: Session, campaign: Campaign, request: Move, now: datetime) -> _Ways:
    if campaign.state not in MOVABLE_IN:
        advice = {
            CampaignState.RUNNING: f"pause it first with campaign pause {campaign.name}",
            CampaignState.CANCELLED: "it was cancelled for good; create a new one",
        }
        why = advice.get(CampaignState(campaign.state), "nothing of it was sent yet; create it with the other template")
        raise Conflict(f"campaign {campaign.name} is {campaign.state}, so nothing of it can be moved; {why}")
    if campaign.deadline_at is not None and campaign.deadline_at <= now:
        raise Conflict(
            f"campaign {campaign.name} had its deadline at {campaign.deadline_at:%Y-%m-%d %H:%M} UTC; create a new one"
        )
    own = session.get_one(Template, campaign.template_id)
    sender = session.get_one(Sender, campaign.sender_id)
    target = find_template(session, sender, request.template, request.language or own.language)
    require_sendable(target)
    others = (session.get(Template, id_) for id_ in (*campaign.template_ids, *map(int, campaign.former)))
    before = [own, *(other for other in others if other is not None)]
    mapping = refill_mapping(target, parse_mapping(request.mapping), kept_columns(before), campaign.mapping)
    movable = Movable(campaign.id, request.what.states, own.id, target.id)
    return _Ways(before, target, mapping, movable, make_refill(target, mapping, now))


def _new_plan(campaign: Campaign, ways: _Ways) -> MovePlan:
    target = ways.target
    return MovePlan(campaign.name, target.name, target.language, target.category, state=campaign.state)


def _filled(session: Session, ways: _Ways, plan: MovePlan) -> Iterator[list[tuple[int, str]]]:
    """The messages with their new values, chunk by chunk; counts them on the way."""
    after, rows = 0, store.chunk(session, ways.movable, 0, AT_ONCE)
    while rows:
        filled = []
        for row in rows:
            values = ways.refill({NAME: row.name or "", **row.parameters})
            if isinstance(values, MissingValue | UnfitValue):
                _count(plan.unfit, _words(values))
                continue
            _count(plan.messages, row.state)
            plan.example = plan.example or _example(ways, values)
            filled.append((row.id, json.dumps(values)))
        yield filled
        after = rows[-1].id
        rows = store.chunk(session, ways.movable, after, AT_ONCE)


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


def _words(problem: MissingValue | UnfitValue) -> str:
    if isinstance(problem, MissingValue):
        return f"nothing in {problem.column} for {problem.slot}"
    return f"a value that does not fit {problem.slot} ({problem.fault.value})"


def _example(ways: _Ways, values: Mapping[str, str]) -> str:
    files = {slot: f"@{value['file']}" for slot, value in ways.mapping.items() if "file" in value}
    target = ways.target
    return preview(target.components, target.parameter_format, {**values, **files}, category=target.category)


def _with_files(session: Session, ways: _Ways) -> dict[str, dict[str, Any]]:
    """The mapping with the files that were given now; those of the campaign are kept already."""
    slots = slots_of(ways.target.components, ways.target.parameter_format)
    new = {key: value for key, value in ways.mapping.items() if "sha256" not in value}
    return {**{key: dict(value) for key, value in ways.mapping.items()}, **keep_files(session, new, slots)}


def _note_staying(session: Session, campaign: Campaign, ways: _Ways, plan: MovePlan) -> None:
    plan.staying = store.count_queued(session, campaign.id, ways.movable.own, ways.target.id)
    plan.staying_with = ", ".join(f"{each.name} ({each.language}), {each.status}" for each in ways.before)


def _point_to(campaign: Campaign, ways: _Ways, mapping: dict[str, dict[str, Any]], *, stays: bool) -> None:
    """Give the campaign its new template; those of before are former ones, unless queued messages stay with them."""
    target = ways.target
    former = {key: value for key, value in campaign.former.items() if int(key) != target.id}
    if stays:
        clashing = [key for key in mapping if mapping[key] != campaign.mapping.get(key) and "sha256" in mapping[key]]
        if clashing:
            raise Conflict(
                f"{', '.join(clashing)} would need two files, as queued messages stay with the template of before; "
                "move all with --what all"
            )
        campaign.mapping = {**mapping, **campaign.mapping}
        campaign.template_ids = sorted({*campaign.template_ids, target.id})
    else:
        former |= {str(id_): campaign.mapping for id_ in (campaign.template_id, *campaign.template_ids)}
        former.pop(str(target.id), None)
        campaign.template_id, campaign.template_ids, campaign.mapping = target.id, [], mapping
        campaign.language_column = None
    campaign.former = former
    if target.category == Category.MARKETING or campaign.category != Category.MARKETING:
        campaign.category = target.category
