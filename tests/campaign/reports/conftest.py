"""A campaign with a list of eight rows: six messages and two refused rows between them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from models import AudienceImport, Campaign, RejectedRow
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@dataclass
class Listed:
    """A campaign and its list."""

    sessions: Sessions
    campaign: Campaign
    import_id: int
    row: int = 0

    def message(self, **given: Any) -> int:
        """The next row, which became a message."""
        with session_scope(self.sessions) as session:
            (id_,) = make_messages(session, self.campaign, 1, first=self.row, **given)
            self._count(session, "message_count")
        return id_

    def refused(self, reason: str, raw: dict[str, Any], words: str = "words") -> None:
        """The next row, which became none."""
        with session_scope(self.sessions) as session:
            values = {
                "import_id": self.import_id,
                "row_number": self.row + 1,
                "raw": raw,
                "reason": reason,
                "text": words,
            }
            session.execute(insert(RejectedRow), [values])
            self._count(session, "rejected_count")

    def _count(self, session: Any, which: str) -> None:
        listing = session.get_one(AudienceImport, self.import_id)
        listing.row_count += 1
        setattr(listing, which, getattr(listing, which) + 1)
        self.row += 1


@pytest.fixture
def listed(sessions: Sessions) -> Listed:
    """An empty list of the columns phone, name and city."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        listing = AudienceImport(
            campaign_id=campaign.id,
            file_name="list.csv",
            sha256="0",
            columns=["phone", "name", "city"],
            phone_column="phone",
            row_count=0,
            message_count=0,
            rejected_count=0,
        )
        session.add(listing)
        session.flush()
        return Listed(sessions, campaign, listing.id)
