"""Variants compared: what became of each, with rates, and what was decided between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.lifecycle import find_campaign
from campaign.variants import store


@dataclass(frozen=True, slots=True)
class VariantView:
    """One variant. Rates are of those delivered, 0..1; None where nothing was."""

    name: str
    share: int
    template: str
    language: str
    messages: int
    sent: int
    delivered: int
    read: int
    replied: int
    failed: int

    @property
    def read_rate(self) -> float | None:
        """Read, of those delivered."""
        return self.read / self.delivered if self.delivered else None

    @property
    def reply_rate(self) -> float | None:
        """Replied, of those delivered; a STOP is no reply."""
        return self.replied / self.delivered if self.delivered else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The variants of a campaign; `decision` in words, None where no winner was asked for or none is decided yet.

    measure     by what the winner is found; None where every share gets its own variant
    sample      people who are written to before the decision
    after_s     from the last of them to the decision, seconds
    confidence  how sure the difference has to be, percent
    """

    campaign: str
    measure: str | None
    sample: int | None
    after_s: float | None
    confidence: int | None
    winner: str | None
    decided_at: datetime | None
    decision: str | None
    variants: Sequence[VariantView]


def variants_of(session: Session, campaign_id: int) -> list[VariantView]:
    """What became of each variant, in the order in which they were given; nothing for a campaign without."""
    return [_view(row) for row in store.figures(session, campaign_id)]


def compare(session: Session, name: str) -> Comparison:
    """The variants of a campaign, compared.

    raises  NotFound
    """
    campaign = find_campaign(session, name)
    rule = store.rule_of(session, campaign.id)
    terms = campaign.canary if rule else None
    return Comparison(
        campaign=campaign.name,
        measure=rule.measure if rule else None,
        sample=terms["people"] if terms else None,
        after_s=terms["wait_s"] if terms else None,
        confidence=rule.confidence if rule else None,
        winner=rule.winner if rule else None,
        decided_at=rule.decided_at if rule else None,
        decision=rule.text if rule else None,
        variants=variants_of(session, campaign.id),
    )


def variant_words(session: Session, campaign_id: int) -> list[str]:
    """A line per variant, then what was decided; nothing for a campaign without."""
    lines = [
        f"Variant {each.name} ({each.template} {each.language}, {each.share}%): {each.messages:,} messages, "
        f"{each.delivered:,} delivered, {each.read:,} read ({percent(each.read_rate)}), "
        f"{each.replied:,} replied ({percent(each.reply_rate)})."
        for each in variants_of(session, campaign_id)
    ]
    rule = store.rule_of(session, campaign_id) if lines else None
    return [*lines, rule.text] if rule and rule.text else lines


def percent(rate: float | None) -> str:
    """`12.5%`, or a dash where there is no rate."""
    return f"{rate:.1%}" if rate is not None else "–"


def _view(row: Row[Any]) -> VariantView:
    return VariantView(
        row.name, row.share, row.template, row.language, row.messages, row.sent, row.delivered, row.read, row.replied,
        row.failed,
    )  # fmt: skip
