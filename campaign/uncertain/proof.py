"""What the proof of absence of uncertain messages still lacks, in words. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from campaign.reconciliation.absence import LEAST_SHARE, Lacking, Obstacle


class Part(NamedTuple):
    """Uncertain messages that were claimed in the same second and went with the same template.

    unread   a webhook that came after the claim could not be read, and may hold a report of theirs
    ripe_at  when the last of them has had its grace
    lacking  what the proof of their absence lacks; None: nothing, or there is no proof for them
    """

    why: str
    template_id: int
    messages: int
    oldest: datetime
    newest: datetime
    unread: bool
    ripe_at: datetime
    lacking: Lacking | None = None


def proof_words(parts: Sequence[Part], sender: str) -> str:
    """What the proof lacks, that of most messages first; with counts where it is not the same for all."""
    counts: Counter[str] = Counter()
    latest: dict[str, Part] = {}
    for part in parts:
        kind = _kind(part)
        counts[kind] += part.messages
        latest[kind] = max(part, latest.get(kind, part), key=_until)
    several = len(counts) > 1
    return "; ".join(
        (f"{count:,} " if several else "") + _WORDS[kind].format(sender=sender, until=_moment(_until(latest[kind])))
        for kind, count in counts.most_common()
    )


UNREAD, COMPLETE = "unread", "complete"


def _kind(part: Part) -> str:
    if part.unread:
        return UNREAD
    return part.lacking.obstacle.value if part.lacking else COMPLETE


def _until(part: Part) -> datetime:
    return part.lacking.until if part.lacking and part.lacking.until else part.ripe_at


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


_WORDS = {
    Obstacle.GRACE: "from {until} at the latest, once later messages of {sender} have been reported",
    Obstacle.SILENT: "once later messages of {sender} have been reported",
    Obstacle.LOSSY: f"once {LEAST_SHARE:.0%} of the later messages of {{sender}} have been reported; fewer are so far, "
    "and where reports get lost silence proves nothing",
    Obstacle.HELD: "not while WhatsApp holds messages of the template, for these may be held as well",
    Obstacle.OUTAGE: "not before {until}, for webhooks of {sender} could not be heard for a while, and until then one "
    "that found nobody may be brought again",
    UNREAD: "not while a webhook stands aside that could not be read and may report them: campaign webhooks problems",
    COMPLETE: "complete, sent again within seconds",
}
