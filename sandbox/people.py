"""How the platform treats one person: decided by hash of the seed and the phone, never by the order of arrival.

Both spellings of a phone are one person. Each question has a draw of its own, so that changing one share in a scenario
leaves the answers to all others as they were. A draw has 16 bits: shares are exact to 0.002 %.
"""

import struct
from enum import IntEnum, auto
from hashlib import blake2b

# 64 bytes of hash are 32 draws of 16 bits.
_FULL = 65_536
_UNPACK = struct.Struct("<32H").unpack


class Ask(IntEnum):
    """The questions that a draw answers."""

    # The order is part of the seed: a new question goes to the end.
    NOT_ON_WHATSAPP = 0
    CAPPED = auto()
    EXPERIMENT = auto()
    OPTED_OUT = auto()
    FAILED_AFTER_SENT = auto()
    DELIVERED = auto()
    OFFLINE = auto()
    DELIVERED_AND_FAILED = auto()
    READ = auto()
    READ_WITHOUT_DELIVERED = auto()
    REPLY = auto()
    OTHER_SPELLING = auto()
    HIDDEN_PHONE = auto()
    ANSWERS_PAUSED = auto()
    ANSWERS_WITHOUT_STATUS = auto()
    RESET_BEFORE = auto()
    RESET_AFTER = auto()
    TIMEOUT_BEFORE = auto()
    TIMEOUT_AFTER = auto()
    ERROR_500_BEFORE = auto()
    ERROR_500_AFTER = auto()
    LATENCY = auto()
    PACE = auto()
    EARLY = auto()
    LATE = auto()
    DUPLICATED = auto()
    REORDERED = auto()
    LOST_SENT = auto()
    LOST_DELIVERED = auto()
    LOST_READ = auto()
    LOST_FAILED = auto()


Draws = tuple[int, ...]


def draw(seed: int, person: str) -> Draws:
    """One number from 0 to 65,535 for each question."""
    return _UNPACK(blake2b(f"{seed}:{person}".encode(), digest_size=64).digest())


def yes(draws: Draws, question: Ask, share: float) -> bool:
    """Whether this person is among the share."""
    return draws[question] < share * _FULL


def fraction(draws: Draws, question: Ask) -> float:
    """The draw as a number in [0, 1)."""
    return draws[question] / _FULL
