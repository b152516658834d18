"""Whatever is sent: no unexpected error, and every answer is as the OpenAPI document says. Bounded in time."""

import os
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from campaign.access.api_keys import create_key
from console.api.app import PREFIX
from console.api.door import Door
from models import AudienceImport, Subscription
from models.access import Role
from models.session import session_scope
from tests.console.api.conftest import ROOT
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))
"""Per operation and role; more by hand: API_EXAMPLES=100."""

CONFORM = [status_code_conformance, content_type_conformance, response_schema_conformance]
EXPECTED = {502, 503}
"""The platform failed, or something is not set up: documented problems, not faults of ours."""

SLOW = {"/doctor", "/subscriptions/{name}/test"}
"""They wait for other systems, and have tests of their own."""


@pytest.fixture
def filled(sessions):
    """One thing of each, under the ids and names that examples find."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        draft = make_campaign(session, sender, template, state="draft", launched_at=None)
        make_messages(session, draft, 3)
        read = {"file_name": "list.csv", "sha256": "0" * 64, "columns": ["phone", "name"], "phone_column": "phone"}
        counts = {"row_count": 3, "message_count": 3, "rejected_count": 0}
        session.add(AudienceImport(campaign_id=draft.id, **read, **counts))
        told = {"url": "https://example.com", "secret_env": "X", "events": ["campaign.paused"]}
        session.add(Subscription(name="crm", created_by="cli:root", **told))


def quick(app):
    door: Door = app.state.door
    short = {"query_timeout_s": 1.0, "workbook_timeout_s": 5.0}
    object.__setattr__(door, "settings", door.settings.model_copy(update=short))
    return app


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
def test_no_answer_is_unexpected_and_all_are_as_described(app, sessions, filled, role):
    key = create_key(sessions, ROOT, role, role, expires_at=NOON + timedelta(days=1))
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", quick(app))
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        if operation.path.removeprefix(PREFIX) not in SLOW:
            _ask_anything(operation, {"Authorization": f"Bearer {key}"})
    assert len(operations) > 60


def _ask_anything(operation, headers):
    """What the document allows and what it does not, both."""

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(*(operation.as_strategy(mode) for mode in GenerationMode)))
    def ask(case):
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or answer.status_code in EXPECTED, (case.as_curl_command(), answer.text)
        case.validate_response(answer, checks=CONFORM)

    ask()
