"""A test: the message of one row, sent to a number of one's own through the same engine, with the same consent."""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from campaign import lifecycle
from campaign.access import people
from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.audience.opening import Reading
from campaign.audience.phone import Phone, checked_region, read_phone
from campaign.audience.rows import RawRow
from campaign.creation import audience_of, create_campaign
from campaign.drafting.content import DraftContent
from campaign.drafting.looking import Look
from campaign.drafting.request import new_campaign
from campaign.errors import Conflict, UsageError
from campaign.policies import Policies
from campaign.row_preview import preview_row
from campaign.scheduling.timing import Timing
from campaign.settings import Settings
from models.campaign import Campaign
from models.people import Category
from models.session import Sessions

CONSENT_SOURCE = "own number, for a test message"


def send_test(
    sessions: Sessions,
    by: Actor,
    content: DraftContent,
    look: Look,
    row: RawRow,
    *,
    settings: Settings,
    now: datetime,
) -> Campaign:
    """Send what the person of a row would get to `content.test_phone`: a campaign of one row, launched at once.

    raises  Forbidden, UsageError for a phone that is none, Conflict when that person has not agreed, and whatever
            creating and launching raise: then nothing of it is left
    """
    by.require(Act.TEST_SEND)
    phone = phone_of(content)
    whose = f"person:…{phone.e164[-3:]}"
    asked = replace(content, start="now", start_at="", deadline_at="", exclude="", canary=None, rate_mps=None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.csv"
        _write(path, look.columns, row.values | {str(look.phone_column): phone.e164})
        request = replace(
            new_campaign(asked, settings, now=now),
            name=f"test {content.name.strip()[:60]} {now:%Y-%m-%d %H:%M:%S}",
            audience=path,
            phone_column=look.phone_column,
            # A test is wanted now, whatever the hours of the campaign.
            timing=Timing(window="00:00-24:00"),
            policies=Policies(),
            not_messaged_within_days=None,
            reading=Reading(landlines=True, services=True),
        )
        with audited(sessions, by, Act.TEST_SEND, whose) as act:
            campaign = create_campaign(act.sessions, request, now=now)
            with act.sessions() as session:
                if not audience_of(session, campaign).message_count:
                    raise Conflict(f"no test was sent: {preview_row(session, campaign.name, 1).text}")
            act.after = {"campaign": campaign.name, "template": content.template, "row": row.number}
            return lifecycle.launch(act.sessions, campaign.name, now=now)


def agree(sessions: Sessions, by: Actor, content: DraftContent, category: str, *, now: datetime) -> bool:
    """Record that the owner of the test number, who is asking, agrees to messages of a category; True.

    raises  Forbidden, UsageError for a phone that is none
    """
    phone = phone_of(content)
    people.grant(sessions, by, [phone.e164], category=Category(category), source=CONSENT_SOURCE, now=now)
    return True


def phone_of(content: DraftContent) -> Phone:
    """The test number.

    raises  UsageError
    """
    region = checked_region(content.region.strip().upper() or None)
    found = read_phone(content.test_phone, region, any_type=True)
    if not isinstance(found, Phone):
        raise UsageError(f"your number {found.text}")
    return found


def _write(path: Path, columns: Sequence[str], values: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerow([values.get(column, "") for column in columns])
