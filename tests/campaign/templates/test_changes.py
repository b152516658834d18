"""What the platform tells of templates, in any order, against what we know."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaign.providers.base import TemplateEvent, TemplateRecord
from campaign.templates.changes import Changes, apply_template_events
from campaign.templates.store import ToldTemplate
from campaign.templates.sync import keep_templates
from models import Template
from models.session import Sessions, session_scope
from tests.factories import NOON, make_sender, make_template

ACCOUNT = "100000000000010"
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def stored(sessions: Sessions) -> Sessions:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_template(session, sender, platform_id="900000000000001", quality="GREEN")
        make_template(session, sender, "order_shipped", category="utility")
        other = make_sender(session, "other", phone_number_id="2", waba_id="2", account="2")
        make_template(session, other, platform_id="900000000000001")
    return sessions


def event(name: str = "spring_sale", language: str = "en_US", minutes: float = 1, **given: Any) -> ToldTemplate:
    moment = NOON + timedelta(minutes=minutes)
    return ToldTemplate(ACCOUNT, TemplateEvent(name, language, **{"occurred_at": moment} | given))


def tell(sessions: Sessions, *told: ToldTemplate) -> Changes:
    with session_scope(sessions) as session:
        return apply_template_events(session, told, LATER)


def template(sessions: Sessions, name: str = "spring_sale", account: str = ACCOUNT) -> Template:
    with sessions() as session:
        return session.scalars(select(Template).where(Template.name == name, Template.account == account)).one()


def test_status_quality_and_category_each_change_their_own(stored: Sessions) -> None:
    changed = tell(stored, event(status="PAUSED"), event(quality="RED"), event("order_shipped", category="marketing"))
    assert changed == Changes(3, frozenset())
    assert (template(stored).status, template(stored).quality, template(stored).category) == (
        "PAUSED",
        "RED",
        "marketing",
    )
    assert (template(stored, "order_shipped").status, template(stored, "order_shipped").category) == (
        "APPROVED",
        "marketing",
    )


def test_another_account_keeps_its_own_template_of_the_same_name_and_id(stored: Sessions) -> None:
    tell(stored, event(status="PAUSED", platform_id="900000000000001"))
    assert template(stored, account="2").status == "APPROVED"


@pytest.mark.parametrize("language", ["en_US", "en-US", "EN-us"])
def test_a_language_is_known_in_each_spelling(stored: Sessions, language: str) -> None:
    tell(stored, event(language=language, status="PAUSED"))
    assert template(stored).status == "PAUSED"


def test_the_platforms_id_goes_before_the_name(stored: Sessions) -> None:
    tell(stored, event("order_shipped", status="PAUSED", platform_id="900000000000001"))
    assert template(stored).status == "PAUSED"
    assert template(stored, "order_shipped").status == "APPROVED"


def test_an_id_that_we_do_not_know_falls_back_to_the_name(stored: Sessions) -> None:
    tell(stored, event(status="PAUSED", platform_id="7"))
    assert template(stored).status == "PAUSED"


def test_a_template_that_is_not_ours_changes_nothing(stored: Sessions) -> None:
    assert tell(stored, event("unknown", status="PAUSED"), event(language="fr", status="PAUSED")).ours == 0
    assert template(stored).status == "APPROVED"


def test_the_last_word_counts_whatever_the_order_of_arrival(stored: Sessions) -> None:
    tell(stored, event(status="APPROVED", minutes=9), event(status="PAUSED", minutes=3))
    assert template(stored).status == "APPROVED"


def test_what_is_older_than_what_we_know_is_not_written_and_the_template_read_again(stored: Sessions) -> None:
    tell(stored, event(status="PAUSED", minutes=9))
    assert tell(stored, event(status="APPROVED", minutes=3)) == Changes(1, frozenset({ACCOUNT}))
    assert template(stored).status == "PAUSED"


def test_within_the_second_in_which_we_read_it_an_event_still_counts(stored: Sessions) -> None:
    tell(stored, event(status="PAUSED", occurred_at=NOON - timedelta(seconds=0.9)))
    assert template(stored).status == "PAUSED"


def test_an_event_without_a_time_counts_as_of_now(stored: Sessions) -> None:
    tell(stored, event(status="PAUSED", occurred_at=None), event(status="APPROVED", minutes=3))
    assert template(stored).status == "PAUSED"


def test_the_same_event_twice_changes_nothing_more(stored: Sessions) -> None:
    told = event(status="PAUSED")
    assert tell(stored, told) == tell(stored, told)
    assert (template(stored).status, template(stored).unpaused_at) == ("PAUSED", None)


def test_the_end_of_a_pause_is_noted(stored: Sessions) -> None:
    tell(stored, event(status="PAUSED", minutes=1))
    tell(stored, event(status="APPROVED", minutes=9))
    assert template(stored).unpaused_at == NOON + timedelta(minutes=9)


@pytest.mark.parametrize(
    ("before", "told", "again"),
    [
        ("APPROVED", {"status": "PAUSED"}, False),
        ("PAUSED", {"status": "APPROVED"}, False),
        ("PENDING", {"status": "APPROVED"}, True),
        ("DISABLED", {"status": "REINSTATED"}, True),
        ("ARCHIVED", {"status": "UNARCHIVED"}, True),
        ("APPROVED", {"status": "LOCKED"}, True),
        ("APPROVED", {"status": "SOMETHING_NEW"}, True),
        ("APPROVED", {"edited": True}, True),
        ("APPROVED", {"quality": "RED"}, False),
        ("APPROVED", {"category": "utility"}, False),
    ],
)
def test_what_one_word_does_not_settle_is_read_again(
    stored: Sessions, before: str, told: dict[str, Any], again: bool
) -> None:
    with session_scope(stored) as session:
        session.query(Template).update({"status": before})
    assert tell(stored, event(**told)).read_again == ({ACCOUNT} if again else frozenset())


def test_a_word_that_we_do_not_know_stops_and_a_lock_does_not(stored: Sessions) -> None:
    tell(stored, event(status="LOCKED"))
    assert template(stored).sendable
    tell(stored, event(status="UNARCHIVED"))
    assert not template(stored).sendable


def test_a_listing_that_was_under_way_does_not_undo_a_pause(stored: Sessions) -> None:
    listed = TemplateRecord("900000000000001", "spring_sale", "en_US", "marketing", "APPROVED", None, "POSITIONAL", [])
    tell(stored, event(status="PAUSED", minutes=5))
    with session_scope(stored) as session:
        keep_templates(session, ACCOUNT, [listed], now=NOON + timedelta(minutes=4))
    assert template(stored).status == "PAUSED"
    with session_scope(stored) as session:
        keep_templates(session, ACCOUNT, [listed], now=NOON + timedelta(minutes=6))
    assert template(stored).status == "APPROVED"
