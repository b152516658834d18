"""Words that pages ask for by a key that they put together: there is one for everything that can come."""

import pytest

from campaign.access.roles import Act
from campaign.consent import gate
from campaign.desk.problems import Kind
from campaign.templates.findings import Level
from campaign.webhooks.health import Trouble
from console.web.sequence_page.steps import ENDED
from console.web.texts import LANGUAGES, Words
from models.consent import WordKind
from models.people import Category, ConsentAction, SuppressionAction, SuppressionReason
from models.schedule import Overlap, RunState, ScheduleState
from models.sequence import Condition, SequenceState
from models.variant import Measure

SEQUENCE_ACTS = ("launch", "approve", "pause", "resume", "cancel")

KEYS = [
    *(f"act.{act}" for act in Act),
    *(f"category.{category}" for category in Category),
    *(f"ban.{reason}" for reason in SuppressionReason),
    *(f"person.{action}" for action in ConsentAction),
    *(f"person.ban_{action}" for action in SuppressionAction),
    *(
        f"person.why.{why}"
        for why in ("allowed", gate.NO_CONSENT, gate.CONSENT_WITHDRAWN, gate.CONSENT_EXPIRED, gate.SUPPRESSED)
    ),
    *(f"consent.{kind}" for kind in WordKind),
    *(f"problems.{kind}{do}" for kind in Kind for do in ("", "_do")),
    *(f"schedules.{state}" for state in [*ScheduleState, *RunState, "coming", "campaign"]),
    *(f"schedules.overlap_{overlap}" for overlap in Overlap),
    *(f"senders.{trouble}" for trouble in Trouble),
    *(f"sequences.told_{state}" for state in [*SequenceState, "asked"]),
    *(f"sequences.for_{condition}" for condition in [*Condition, "everybody"]),
    *(f"sequences.ended_{reason}" for reason in ENDED),
    *(f"sequences.{part}_{act}" for part in ("act", "sure", "done") for act in SEQUENCE_ACTS),
    "sequences.done_asked",
    *(f"variants.rule_{measure}" for measure in Measure),
    *(f"template.{level}" for level in Level),
    *(f"month.{month}" for month in range(1, 13)),
    *(f"weekday.{day}" for day in range(7)),
    *(f"sender.by_{limit}" for limit in ("messaging_limit", "warm_up")),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_everything_that_can_come(language):
    words = Words(language)
    assert [key for key in KEYS if not words(key)] == []
