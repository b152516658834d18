"""The demo's list: invented people with the faults that real lists have.

Every phone is invented: Mexican numbers whose subscriber part begins with 5555 or 555, sent to the sandbox alone.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from campaign.errors import UsageError

TWO_DIGIT_AREAS = ("33", "55", "56", "81")
THREE_DIGIT_AREAS = (
    "222", "228", "229", "442", "443", "444", "449", "461", "462", "477", "612", "614", "618", "656", "662", "664",
    "667", "686", "722", "744", "777", "833", "844", "867", "871", "899", "921", "951", "961", "981", "983", "998",
)  # fmt: skip
MOST_ROWS = 10_000 * (len(TWO_DIGIT_AREAS) + len(THREE_DIGIT_AREAS))

NAMES = ("Ana", "Bruno", "Carla", "Diego", "Elena", "Fabián", "Gloria", "Hugo", "Inés", "Jorge", "Karla", "Luis")
CITIES = ("Guadalajara", "Ciudad de México", "Monterrey", "Puebla", "Mérida")

BAD_PHONES = ("", "n/a", "5.2155E+11", "call me", "55 5555", "+52 55 5555 5555 5555 5", "+999 123 4567")

# Shares of the list, in percent; the rest are people who agreed and can be reached.
SHARES = {"bad": 4, "again": 3, "never_agreed": 5, "withdrew": 3}
WITHDRAW_MEANWHILE = 10


@dataclass
class DemoList:
    """What the demo's files hold: who agreed, who withdrew before, and who will withdraw while it runs."""

    agreed: list[str] = field(default_factory=list)
    withdrew: list[str] = field(default_factory=list)
    withdraw_meanwhile: list[str] = field(default_factory=list)


def write_demo_list(contacts: Path, consent: Path, rows: int, rng: random.Random) -> DemoList:
    """Write a contact list of `rows` rows and the opt-ins that go with it.

    raises  UsageError when more rows are wanted than there are invented phones
    """
    if not 1 <= rows <= MOST_ROWS:
        raise UsageError(f"--rows {rows} is not possible; the demo can invent 1 to {MOST_ROWS} people")
    made = DemoList()
    with contacts.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "phone", "city", "offer_code"])
        writer.writerows(_contacts(rows, rng, made))
    withdrew = set(made.withdrew)
    still_agree = [phone for phone in made.agreed if phone not in withdrew]
    few = min(WITHDRAW_MEANWHILE, len(still_agree) // 20)
    made.withdraw_meanwhile = still_agree[len(still_agree) - few :]
    with consent.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["phone", "category", "source", "occurred_at"])
        writer.writerows([phone, "marketing", "demo sign-up form", "2026-01-15T10:00:00Z"] for phone in made.agreed)
    return made


def invented_phones(count: int) -> list[str]:
    """So many invented phones in E.164."""
    return [f"+52{subscriber}" for subscriber in islice(_subscribers(), count)]


def _contacts(rows: int, rng: random.Random, made: DemoList) -> Iterator[list[str]]:
    unused = _subscribers()
    for number in range(1, rows + 1):
        yield [rng.choice(NAMES), _phone(rng, made, unused), rng.choice(CITIES), f"SPRING{number:06d}"]


def _phone(rng: random.Random, made: DemoList, unused: Iterator[str]) -> str:
    kind = _kind(rng)
    if kind == "bad":
        return rng.choice(BAD_PHONES)
    if kind == "again" and made.agreed:
        return _spelled(rng.choice(made.agreed).removeprefix("+52"), rng)
    subscriber = next(unused)
    if kind != "never_agreed":
        made.agreed.append(f"+52{subscriber}")
    if kind == "withdrew":
        made.withdrew.append(f"+52{subscriber}")
    return _spelled(subscriber, rng)


def _kind(rng: random.Random) -> str:
    drawn = rng.uniform(0, 100)
    for kind, share in SHARES.items():
        if drawn < share:
            return kind
        drawn -= share
    return "good"


def _subscribers() -> Iterator[str]:
    for last in range(10_000):
        yield from (f"{area}5555{last:04d}" for area in TWO_DIGIT_AREAS)
        yield from (f"{area}555{last:04d}" for area in THREE_DIGIT_AREAS)


def _spelled(subscriber: str, rng: random.Random) -> str:
    """One of the ways in which lists spell a Mexican mobile."""
    pretty = f"{subscriber[:2]} {subscriber[2:6]} {subscriber[6:]}"
    return rng.choice(
        (f"+52{subscriber}", f"+521{subscriber}", f"+52 1 {pretty}", pretty, f"0052{subscriber}", f"52-{subscriber}")
    )
