"""Reasons and their sentences."""

from campaign.audience.reasons import CONSENT_LIST_REASONS, SENTENCES, RejectReason
from campaign.consent import gate


def test_every_reason_has_a_sentence_that_says_what_to_do() -> None:
    assert set(SENTENCES) == set(RejectReason)
    for reason, sentence in SENTENCES.items():
        what, _, next_step = sentence.partition(";")
        assert what, reason
        assert next_step.strip(), reason
        assert sentence.endswith(".")


def test_reasons_of_the_gate_are_reasons_of_a_rejected_row() -> None:
    assert {gate.NO_CONSENT, gate.CONSENT_WITHDRAWN, gate.SUPPRESSED} <= set(RejectReason)
    assert {gate.NO_CONSENT, gate.CONSENT_WITHDRAWN, gate.SUPPRESSED}.isdisjoint(CONSENT_LIST_REASONS)
