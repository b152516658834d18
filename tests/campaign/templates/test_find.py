"""Finding a template, or what helps to find it."""

import pytest

from campaign.errors import Conflict, NotFound, UsageError
from campaign.templates.find import find_by_name, find_template, require_sendable
from models.session import session_scope
from tests.factories import make_sender, make_template


@pytest.fixture
def session(sessions):
    with session_scope(sessions) as session:
        yield session


def test_an_unknown_template_brings_the_nearest(session):
    sender = make_sender(session)
    with pytest.raises(NotFound, match="none has been read for sender shop; run campaign templates sync --sender shop"):
        find_template(session, sender, "spring_sale", "en_US")
    make_template(session, sender)
    with pytest.raises(NotFound, match=r"no template sprng_sale .did you mean spring_sale\?"):
        find_template(session, sender, "sprng_sale", "en_US")
    with pytest.raises(NotFound, match="has no language en; it exists in en_US"):
        find_template(session, sender, "spring_sale", "en")
    assert find_template(session, sender, "spring_sale", "en_US").name == "spring_sale"


def test_find_by_name_narrows_to_a_language(session):
    with pytest.raises(NotFound, match="none has been read yet"):
        find_by_name(session, "spring_offer")
    sender = make_sender(session)
    for language in ("en_US", "es_MX"):
        make_template(session, sender, "spring_offer", language=language)
    assert [t.language for t in find_by_name(session, "spring_offer")] == ["en_US", "es_MX"]
    assert [t.language for t in find_by_name(session, "spring_offer", "es_MX")] == ["es_MX"]
    with pytest.raises(NotFound, match="no language de; it exists in en_US, es_MX"):
        find_by_name(session, "spring_offer", "de")
    with pytest.raises(NotFound, match=r"did you mean spring_offer\?"):
        find_by_name(session, "spring_ofer")


def test_only_what_can_be_sent_and_filled_is_sendable(session):
    sender = make_sender(session)
    require_sendable(make_template(session, sender))
    with pytest.raises(Conflict, match=r"paused \(en_US\) is PAUSED, not APPROVED"):
        require_sendable(make_template(session, sender, "paused", status="PAUSED"))
    with pytest.raises(UsageError, match="cannot be filled: hologram"):
        require_sendable(make_template(session, sender, "cards", components=[{"type": "HOLOGRAM"}]))
