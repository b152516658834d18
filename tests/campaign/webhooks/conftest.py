"""A desk for every test of the inbox."""

import random
from functools import partial

import pytest

from campaign.providers.events import read_webhook
from campaign.sending.retry import RetryPolicy, next_step
from campaign.settings import Settings
from campaign.webhooks.batch import InboxRules
from models.session import Sessions
from tests.campaign.webhooks.desk import Desk
from tests.factories import make_campaign, make_sender, make_template


@pytest.fixture
def desk(sessions: Sessions, settings: Settings) -> Desk:
    with sessions() as session, session.begin():
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
    policy = partial(next_step, policy=RetryPolicy.from_settings(settings), rng=random.Random(7))
    return Desk(sessions, InboxRules(read_webhook, policy), sender, campaign)
