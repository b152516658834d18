"""The platform's listing to our rows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.errors import PlatformError
from campaign.providers.base import TemplateRecord
from campaign.templates.find import find_by_name, list_templates
from campaign.templates.sync import SyncResult, keep_templates, sync_templates
from models.session import session_scope
from tests.campaign.templates.cases import BODY
from tests.factories import NOON, make_sender, make_template

OFFER = TemplateRecord(
    platform_id="900000000000001",
    name="spring_offer",
    language="en_US",
    category="MARKETING",
    status="approved",
    quality="GREEN",
    parameter_format="positional",
    components=[BODY],
    ttl_seconds=3600,
)
SPANISH = replace(OFFER, language="es_MX", platform_id="900000000000002")
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def session(sessions):
    with session_scope(sessions) as session:
        yield session


class Listing:
    """A provider that lists, or fails to."""

    def __init__(self, records=(), error=None):
        self.records, self.error = records, error

    async def list_templates(self):
        if self.error:
            raise self.error
        return list(self.records)


def test_a_first_listing_is_kept_in_our_words(session):
    assert keep_templates(session, "acc", [OFFER], now=NOON) == SyncResult(listed=1, added=1, changed=0, gone=0)
    (kept,) = find_by_name(session, "spring_offer")
    assert (kept.category, kept.status, kept.parameter_format) == ("marketing", "APPROVED", "POSITIONAL")
    assert (kept.components, kept.ttl_seconds, kept.synced_at) == ([BODY], 3600, NOON)


def test_the_same_listing_changes_nothing(session):
    keep_templates(session, "acc", [OFFER, SPANISH], now=NOON)
    result = keep_templates(session, "acc", [OFFER, SPANISH], now=LATER)
    assert result == SyncResult(listed=2, added=0, changed=0, gone=0)
    assert {template.synced_at for template in list_templates(session)} == {LATER}


@pytest.mark.parametrize(
    "change",
    [{"status": "PAUSED"}, {"category": "UTILITY"}, {"quality": "RED"}, {"components": []}, {"ttl_seconds": None}],
)
def test_what_changed_is_counted_and_kept(session, change):
    keep_templates(session, "acc", [OFFER], now=NOON)
    result = keep_templates(session, "acc", [replace(OFFER, **change)], now=LATER)
    assert result == SyncResult(listed=1, added=0, changed=1, gone=0)


def test_a_template_that_vanished_is_deleted_and_may_come_back(session):
    keep_templates(session, "acc", [OFFER, SPANISH], now=NOON)
    assert keep_templates(session, "acc", [OFFER], now=LATER).gone == 1
    assert [(t.language, t.status) for t in list_templates(session)] == [("en_US", "APPROVED"), ("es_MX", "DELETED")]
    assert keep_templates(session, "acc", [OFFER], now=LATER + timedelta(1)).gone == 0
    assert keep_templates(session, "acc", [OFFER, SPANISH], now=LATER + timedelta(2)).changed == 1


def test_other_accounts_are_left_alone(session):
    keep_templates(session, "acc", [OFFER], now=NOON)
    keep_templates(session, "other", [SPANISH], now=LATER)
    assert {(t.account, t.status) for t in list_templates(session)} == {("acc", "APPROVED"), ("other", "APPROVED")}


def test_the_end_of_a_pause_is_noted(session):
    keep_templates(session, "acc", [replace(OFFER, status="PAUSED")], now=NOON)
    keep_templates(session, "acc", [OFFER], now=LATER)
    keep_templates(session, "acc", [OFFER], now=LATER + timedelta(1))
    (kept,) = list_templates(session)
    assert kept.unpaused_at == LATER


def test_a_template_listed_twice_counts_once(session):
    result = keep_templates(session, "acc", [OFFER, replace(OFFER, status="PAUSED")], now=NOON)
    assert result.listed == 1
    assert list_templates(session)[0].status == "PAUSED"


async def test_sync_reads_the_account_of_the_sender(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
    result = await sync_templates(sessions, sender, Listing([OFFER]), now=NOON)
    assert result.added == 1
    with sessions() as session:
        assert list_templates(session, "shop")[0].account == sender.account


async def test_a_listing_that_fails_leaves_everything_as_it_was(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_template(session, sender)
    with pytest.raises(PlatformError):
        await sync_templates(sessions, sender, Listing(error=PlatformError("no answer")), now=LATER)
    with sessions() as session:
        assert list_templates(session)[0].status == "APPROVED"
