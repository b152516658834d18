"""A campaign for overviews to look at."""

import pytest

from models import AudienceImport
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


@pytest.fixture
def big(sessions):
    """The id of a running campaign: 10 rows, of which 3 were refused, 4 wait, 2 failed and one was read."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), "big", rate_mps=10)
        make_messages(session, campaign, 4)
        make_messages(session, campaign, 2, first=4, state="failed", error_code=131026, failed_at=NOON)
        make_messages(session, campaign, 1, first=6, state="read", accepted_at=NOON, read_at=NOON, claimed_at=NOON)
        session.add(
            AudienceImport(
                campaign_id=campaign.id, file_name="list.csv", sha256="0" * 64, columns=["phone"],
                phone_column="phone", row_count=10, message_count=7, rejected_count=3,
            )
        )  # fmt: skip
        return campaign.id
