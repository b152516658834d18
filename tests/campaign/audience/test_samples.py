"""The lists in samples/: between them they show every reason to refuse a row, and what can be mended."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audience.load import load_audience
from campaign.audience.reasons import CONSENT_LIST_REASONS, EXCLUSION_REASONS, VALUE_REASONS, RejectReason
from campaign.audience.source import open_list
from campaign.consent.ledger import import_consent
from campaign.consent.suppressions import suppress
from campaign.templates.fill import make_filler, slots_of
from models import AudienceImport, RejectedRow
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

SAMPLES = Path(__file__).parents[3] / "samples"
MAPPING = {"body.1": {"column": "name"}, "body.2": {"column": "offer_code"}}


def load(session: Session, region: str | None) -> AudienceImport:
    consent = import_consent(
        session, SAMPLES / "consent.csv", category="marketing", source_text="sign-up form", region=region, now=NOON
    )
    assert not consent.rejected
    suppress(session, ["+52 55 5555 0155"], source_text="complaint")
    source = open_list(SAMPLES / "contacts.csv", phone_column=None)
    sender = make_sender(session)
    template = make_template(session, sender)
    fill = make_filler(MAPPING, slots_of(template.components, template.parameter_format), source.columns)
    campaign = make_campaign(session, sender, template, region=region)
    return load_audience(session, campaign, source, fill=fill, chunk_rows=20, now=NOON)


def reasons(session: Session) -> Counter[str]:
    return Counter(session.scalars(select(RejectedRow.reason)))


def test_every_reason_that_a_row_can_have_is_shown(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        imported = load(session, None)
        found = reasons(session)
        # Of what a template asks for, a plain text can only lack a value; a campaign that leaves nobody out, and
        # consent that never ends, have no such reasons.
        elsewhere = CONSENT_LIST_REASONS | EXCLUSION_REASONS | {RejectReason.CONSENT_EXPIRED, RejectReason.NO_HOUR}
        possible = set(RejectReason) - elsewhere - VALUE_REASONS | {RejectReason.MISSING_VALUE}
        assert set(found) == possible
        assert imported.rejected_count == found.total()
        assert imported.row_count == 63 == imported.message_count + imported.rejected_count
        assert imported.message_count == 29


def test_with_a_region_the_phones_without_country_are_read(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        imported = load(session, "MX")
        assert imported.message_count == 31
        # Washington's number is no Mexican one; nobody gave it away by mistake.
        assert "no_country" not in reasons(session)


@pytest.mark.parametrize("name", ["contacts.csv", "consent.csv"])
def test_phones_are_invented(name: str) -> None:
    """Mexican 5555 01XX, +1 202 555 01XX, +44 7700 900XXX; the others are wrong on purpose."""
    source = open_list(SAMPLES / name, phone_column=None)
    numbers = [
        "".join(c for c in row.values.get("phone", "") if c.isdecimal()) for chunk in source.chunks(9) for row in chunk
    ]
    real = [n for n in numbers if len(n) >= 10 and not any(part in n for part in ("555", "770090", "٥٥٥", "５５５"))]
    assert set(real) <= {"442079460148", "12021550146", "52155121"}
