"""What settles the doubt about a campaign's messages in the end, by its provider and its policy. Pure."""

from enum import StrEnum

from models.campaign import UncertainPolicy
from models.sender import ProviderKind


class Settles(StrEnum):
    """What settles it, beside a person and a report of the message itself."""

    TRAFFIC = "traffic"
    GRACE = "grace"
    PERSON = "person"


def what_settles(provider: str, policy: str) -> Settles:
    """Later traffic where it can prove absence and may; time alone where the owner takes the risk; else a person."""
    if provider == ProviderKind.D360_ONPREM:
        return Settles.GRACE if policy == UncertainPolicy.RESEND else Settles.PERSON
    return Settles.PERSON if policy == UncertainPolicy.ASK else Settles.TRAFFIC
