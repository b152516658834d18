"""What the person of one row of a campaign's list will see, or why they get no message."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.creation import audience_of
from campaign.errors import NotFound
from campaign.lifecycle import find_campaign
from campaign.templates.preview import preview
from models import Campaign, Message, RejectedRow, Template


@dataclass(frozen=True, slots=True)
class RowPreview:
    """One row. `language` is None for a row that was refused; `text` says why then."""

    row: int
    text: str
    language: str | None = None
    refused: str | None = None


def preview_row(session: Session, name: str, row: int) -> RowPreview:
    """The text of one row; 1 is the first data row.

    raises  NotFound for a campaign or a row that does not exist
    """
    campaign = find_campaign(session, name)
    message = session.scalar(select(Message).where(Message.campaign_id == campaign.id, Message.row_number == row))
    if message is not None:
        return _of_message(session, campaign, message)
    audience = audience_of(session, campaign)
    rejected = session.get(RejectedRow, (audience.id, row))
    if rejected is None:
        raise NotFound(f"campaign {name} has no row {row}; its list has rows 1 to {audience.row_count:,}")
    return RowPreview(row, f"Row {row} gets no message ({rejected.reason}): {rejected.text}", refused=rejected.reason)


def _of_message(session: Session, campaign: Campaign, message: Message) -> RowPreview:
    template = session.get_one(Template, message.template_id or campaign.template_id)
    files = {slot: f"@{value['file']}" for slot, value in campaign.mapping.items() if "file" in value}
    text = preview(
        template.components, template.parameter_format, message.parameters | files, category=campaign.category
    )
    return RowPreview(message.row_number, text, template.language)
