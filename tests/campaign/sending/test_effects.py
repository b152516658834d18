"""What an error means beyond its message, on a real database: who stands still, and what ends it."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.lifecycle import resume_cleared
from campaign.providers.base import Held
from campaign.sending.effects import Effects, apply_effects
from campaign.sending.error_table import rule_for
from campaign.sending.store import Claimed
from models import Campaign, Sender, Template
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

OTHER_ACCOUNT = {"account": "100000000000099", "phone_number_id": "9"}


@pytest.fixture
def session(sessions: Sessions):  # type: ignore[no-untyped-def]
    with session_scope(sessions) as session:
        yield session


def claimed(campaign: Campaign, template_id: int | None = None) -> Claimed:
    return Claimed(7, campaign.id, 1, "+12015550100", {}, 0, "12015550100", template_id)


def refuse(session: Session, campaign: Campaign, code: int, template_id: int | None = None, text: str = "") -> None:
    effect = Effects.of_rule(claimed(campaign, template_id), rule_for(code), text, None)
    assert effect is not None
    apply_effects(session, [effect, effect], hold_after=50)
    session.expire_all()


def test_a_paused_language_marks_its_own_template_and_every_campaign_that_sends_it(session: Session) -> None:
    sender = make_sender(session)
    english, spanish = make_template(session, sender), make_template(session, sender, language="es_MX")
    both = make_campaign(session, sender, english, "both", template_ids=[spanish.id])
    spanish_alone = make_campaign(session, sender, spanish, "spanish")
    english_alone = make_campaign(session, sender, english, "english")
    refuse(session, both, 132015, spanish.id)
    assert (session.get_one(Template, english.id).status, session.get_one(Template, spanish.id).status) == (
        "APPROVED",
        "PAUSED",
    )
    assert (both.state, spanish_alone.state, english_alone.state) == ("paused", "paused", "running")
    assert both.state_reason == "template_paused"
    assert "goes on by itself when the template is approved again" in (both.state_text or "").lower()


def test_the_own_template_is_meant_where_a_message_names_none(session: Session) -> None:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender))
    refuse(session, campaign, 132016)
    template = session.get_one(Template, campaign.template_id)
    assert template.status == "DISABLED"
    assert template.doubted_at is not None, "the platform is asked whether it is so"
    assert campaign.state_reason == "template_disabled"


def test_paused_in_a_200_pauses_until_the_template_is_read_again(session: Session) -> None:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender))
    apply_effects(session, [Effects.of_hold(claimed(campaign), Held("w", "1", paused=True))], 50)
    session.expire_all()
    assert (campaign.state, campaign.state_reason) == ("paused", "template_paused")
    assert session.get_one(Template, campaign.template_id).status == "PAUSED"


@pytest.mark.parametrize(
    ("code", "paused"),
    [
        (131042, {"mine", "second", "sibling", "own token"}),  # a debt is the whole account's
        (131031, {"mine", "second", "sibling", "own token"}),
        (190, {"mine", "second", "sibling"}),  # a token that another number does not use
        (133010, {"mine", "second"}),  # one number
    ],
)
def test_an_error_pauses_everything_in_its_scope_and_nothing_else(
    session: Session, code: int, paused: set[str]
) -> None:
    sender = make_sender(session)
    template = make_template(session, sender)
    mine = make_campaign(session, sender, template, "mine")
    make_campaign(session, sender, make_template(session, sender, "other"), "second")
    make_campaign(session, make_sender(session, "sibling", phone_number_id="2"), template, "sibling")
    own = make_sender(session, "own-token", phone_number_id="3", token_env="OTHER_TOKEN")
    make_campaign(session, own, template, "own token")
    make_campaign(session, make_sender(session, "stranger", **OTHER_ACCOUNT), template, "stranger")
    refuse(session, mine, code, text="Something is wrong")
    found = session.query(Campaign.name).filter_by(state="paused").all()
    assert {name for (name,) in found} == paused


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        (131042, "A person must settle the payment, then campaign resume."),
        (190, "A person must mend the access, then campaign resume."),
        (131031, "Goes on by itself when the platform, asked again, says that the number may send"),
    ],
)
def test_a_pause_says_what_whatsapp_said_and_what_ends_it(session: Session, code: int, ending: str) -> None:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender))
    refuse(session, campaign, code, text="Account locked")
    assert "WhatsApp said: Account locked. " in (campaign.state_text or "")
    assert ending in (campaign.state_text or "")


PAUSED_BY_CODE = {"state": "paused", "state_reason": "sender_restricted", "paused_at": NOON}


@pytest.mark.parametrize(
    ("told", "goes_on"),
    [
        ({"refreshed_at": NOON + timedelta(minutes=9), "status": "CONNECTED"}, True),
        ({"refreshed_at": NOON + timedelta(minutes=9), "health": "AVAILABLE"}, True),
        ({"refreshed_at": NOON - timedelta(minutes=9), "status": "CONNECTED"}, False),  # asked before the pause
        ({"refreshed_at": NOON + timedelta(minutes=9)}, False),  # a provider that cannot be asked
        ({"refreshed_at": NOON + timedelta(minutes=9), "status": "CONNECTED", "state": "restricted"}, False),
        ({}, False),
    ],
)
def test_a_campaign_paused_by_a_code_goes_on_when_the_platform_clears_the_number(
    session: Session, told: dict[str, object], goes_on: bool
) -> None:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender), **PAUSED_BY_CODE)
    session.execute(update(Sender).values(told or {"name": "shop"}))
    assert resume_cleared(session) == ([campaign.id] if goes_on else [])
    session.expire_all()
    assert (campaign.resumed_at is not None) is goes_on
    assert campaign.state == ("running" if goes_on else "paused")


def test_other_reasons_are_not_ended_by_a_cleared_number(session: Session) -> None:
    sender = make_sender(session, refreshed_at=NOON + timedelta(hours=1), status="CONNECTED")
    for reason in ("payment", "credentials", "operator"):
        make_campaign(
            session, sender, make_template(session, sender, reason), reason, **PAUSED_BY_CODE | {"state_reason": reason}
        )
    assert resume_cleared(session) == []


def test_a_pause_notes_its_instant(session: Session) -> None:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender))
    refuse(session, campaign, 131031)
    assert campaign.paused_at is not None
