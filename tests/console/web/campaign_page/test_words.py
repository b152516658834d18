"""Every word that the page puts together from the domain's own is there."""

import pytest

from campaign.audience.funnel import FUNNEL
from campaign.costs.actual import FATES
from campaign.overview.recipients import Event
from campaign.planning import ceiling, days
from campaign.reports.write import KINDS
from campaign.sending.error_table import Action
from campaign.uncertain.doubts import WHY
from campaign.uncertain.resolve import Decision
from console.web.campaign_page.counts import FIGURES
from console.web.campaign_page.recipients import COLUMNS, STEPS, step_words
from console.web.campaign_page.waiting import KNOWN
from console.web.texts import Words
from models.campaign import HoldPolicy, UncertainPolicy
from models.people import Category
from tests.factories import NOON

WORDS = Words("en")
BOUNDS = (days.RATE, days.WINDOW, days.SPREAD, ceiling.MESSAGING_LIMIT, ceiling.WARM_UP)


@pytest.mark.parametrize(
    "key",
    [
        *("step_" + name.replace(" ", "_") for name, _ in FUNNEL),
        *(f"fate_{fate}" for fate in FATES),
        *("bound_" + bound.replace(" ", "_").replace("-", "_") for bound in BOUNDS),
        *(f"report_{kind}{more}" for kind in KINDS for more in ("", "_about")),
        *(f"retry_{reason}" for reason in sorted(KNOWN)),
        *(f"why_{why}" for why in WHY),
        *(f"doubts_{decision.value}{more}" for decision in Decision for more in ("", "_risk")),
        *(f"doubts_policy_{policy.value}" for policy in UncertainPolicy),
        *(f"holds_{policy.value}" for policy in HoldPolicy),
        *(f"figure_{name}" for name, _ in FIGURES),
        *(f"column_{name}" for name in COLUMNS),
        *(f"step_at_{step}" for step in sorted(STEPS)),
        *(f"category_{category.value}" for category in Category),
    ],
)
def test_there_is_a_word_for_it(key):
    assert WORDS(f"campaign.{key}")


def test_every_class_of_errors_has_words_for_its_wait():
    assert {action.value for action in Action} <= KNOWN


@pytest.mark.parametrize(
    ("what", "attempt", "words"),
    [
        ("read", 1, "Read"),
        ("sending", 2, "Taken for sending (try 2)"),
        ("attempt ended: absent", 1, "Proven not to have been sent"),
        ("of the future", None, "of the future"),
    ],
)
def test_a_step_is_told_in_words_with_the_number_of_a_later_try(what, attempt, words):
    assert step_words(Event(NOON, what, attempt=attempt), WORDS) == words
