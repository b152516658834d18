"""The variants of a campaign that is being created: their templates, their filler, their rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.audience.phone import Phone, read_phone
from campaign.errors import UsageError
from campaign.templates.find import find_template, require_sendable
from campaign.variants.filling import VariantFiller
from campaign.variants.shares import Split, VariantTerms, WinnerTerms
from models import Variant, WinnerRule
from models.campaign import Campaign
from models.sender import Sender
from models.template import Template


def variant_templates(
    session: Session, sender: Sender, own: Template, variants: Sequence[VariantTerms]
) -> dict[str, Template]:
    """The template of each variant, approved, by the variant's name.

    raises  NotFound, Conflict, UsageError naming the variant
    """
    found: dict[str, Template] = {}
    for variant in variants:
        template = find_template(session, sender, variant.template or own.name, variant.language or own.language)
        require_sendable(template)
        if template.category != own.category:
            raise UsageError(
                f"variant {variant.name} is {template.category} and the campaign {own.category}: they need another "
                "consent; choose templates of one category"
            )
        if same := next((name for name, other in found.items() if other.id == template.id), None):
            raise UsageError(
                f"variants {same} and {variant.name} are both {template.name} ({template.language}); give one of them "
                "another template= or language="
            )
        found[variant.name] = template
    if own.id not in {template.id for template in found.values()}:
        raise UsageError(
            f"no variant is {own.name} ({own.language}), which --template and --language name; let one of them be it"
        )
    return found


def variant_filler(
    campaign: Campaign,
    templates: Mapping[str, Template],
    variants: Sequence[VariantTerms],
    *,
    phone_column: str,
    phone_types: frozenset[int],
    now: datetime,
    keep_all: bool,
) -> VariantFiller:
    """Fills the rows of a campaign with variants."""

    def identity_of(row: Mapping[str, str]) -> str:
        phone = read_phone(row[phone_column], campaign.region, also=phone_types)
        return phone.identity if isinstance(phone, Phone) else ""

    own = next(template for template in templates.values() if template.id == campaign.template_id)
    split = Split(variants, campaign.name)
    return VariantFiller(
        templates, own, campaign.mapping, split=split, identity_of=identity_of, now=now, keep_all=keep_all
    )


def keep_variants(
    session: Session,
    campaign: Campaign,
    variants: Sequence[VariantTerms],
    templates: Mapping[str, Template],
    winner: WinnerTerms | None,
) -> None:
    """Keep the variants of a campaign, and what decides between them."""
    session.add_all(
        Variant(
            campaign_id=campaign.id, name=variant.name, number=number, share=variant.share,
            template_id=templates[variant.name].id,
        )
        for number, variant in enumerate(variants, start=1)
    )  # fmt: skip
    if winner is not None:
        session.add(WinnerRule(campaign_id=campaign.id, measure=winner.measure.value, confidence=winner.confidence))
    session.flush()
