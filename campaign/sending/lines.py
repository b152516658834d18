"""What a lane needs to know of each running campaign: its templates, and how their messages are built."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from campaign.errors import CampaignError
from campaign.lifecycle import pause_by_engine
from campaign.media.store import media_ids
from campaign.sending.store import running_campaigns, templates_by_id
from campaign.sending.wording import Line, Wording
from campaign.templates.components import MessageBuilder
from models import Campaign, Sender, Template
from models.states import PauseReason

log = structlog.get_logger()


def running_lines(session: Session, sender: Sender, now: datetime) -> dict[int, Line]:
    """The running campaigns of a sender that can be sent now, by id.

    A campaign whose files are not uploaded yet is left out until they are. One whose template was edited so that it
    can no longer be filled is paused: a person has to make it anew.

    writes  the pauses; the caller commits
    """
    lines = {}
    uploads = media_ids(session, sender.id, now)
    pairs = running_campaigns(session, sender.id)
    others = templates_by_id(
        session, {id_ for campaign, _ in pairs for id_ in (*campaign.template_ids, *map(int, campaign.former))}
    )
    for campaign, template in pairs:
        media = _media(campaign, uploads)
        if media is None:
            log.info("campaign waits for its files", campaign_id=campaign.id)
            continue
        try:
            line = _line(campaign, template, others, media)
            lines[campaign.id] = replace(line, former=_former(campaign, others, uploads)) if campaign.former else line
        except CampaignError as error:
            pause_by_engine(session, [campaign.id], PauseReason.TEMPLATE_CHANGED, f"{error}.")
    return lines


def _line(campaign: Campaign, own: Template, others: Mapping[int, Template], media: Mapping[str, str]) -> Line:
    translated = {
        id_: Wording(others[id_], MessageBuilder(others[id_], campaign, media))
        for id_ in campaign.template_ids
        if id_ in others
    }
    return Line(campaign, Wording(own, MessageBuilder(own, campaign, media)), translated)


def _former(campaign: Campaign, others: Mapping[int, Template], uploads: Mapping[str, str]) -> dict[int, Wording]:
    """Templates that messages were moved away from, as they were filled then; those that cannot be now are left out."""
    found = {}
    for id_, mapping in campaign.former.items():
        then = Campaign(id=campaign.id, name=campaign.name, category=campaign.category, mapping=mapping)
        media, template = _media(then, uploads), others.get(int(id_))
        if media is None or template is None:
            continue
        try:
            found[template.id] = Wording(template, MessageBuilder(template, then, media))
        except CampaignError as error:
            log.warning("a former template cannot be filled", campaign_id=campaign.id, error=str(error))
    return found


def _media(campaign: Campaign, uploads: Mapping[str, str]) -> dict[str, str] | None:
    """Slot to the id of its upload; None while one is missing."""
    files = {slot: value["sha256"] for slot, value in campaign.mapping.items() if "sha256" in value}
    if not all(sha256 in uploads for sha256 in files.values()):
        return None
    return {slot: uploads[sha256] for slot, sha256 in files.items()}
