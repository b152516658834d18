"""What webhooks tell of a message, applied through the table of moves, in whatever order they come."""

from typing import Any

from sqlalchemy import text

from models.session import session_scope
from models.states import MessageState, Signal, next_state
from tests.campaign.sequences.journey import Journey

SIGNALS = {
    "sent": (Signal.SENT_SEEN, "sent_at"),
    "delivered": (Signal.DELIVERED_SEEN, "delivered_at"),
    "read": (Signal.READ_SEEN, "read_at"),
    "failed": (Signal.FAILED_SEEN, "failed_at"),
    "queued": (Signal.RETRY_LATER, None),
}


def tell(journey: Journey, word: str, phone: str, step: int, arrived: dict[tuple[str, int], Any]) -> None:
    """One report about one step's message of one person, if it exists and was sent."""
    with session_scope(journey.sessions) as session:
        found = session.execute(
            text(
                "SELECT m.id, m.state, m.attempt FROM message m JOIN campaign c ON c.id = m.campaign_id "
                "WHERE c.name = :name AND m.phone_e164 = :phone FOR UPDATE OF m"
            ),
            {"name": f"hello {step}", "phone": phone},
        ).one_or_none()
    if found is None or found.attempt == 0:
        return
    if word == "reply":
        journey.reply(phone, step, at=journey.now)
        return
    signal, milestone = SIGNALS[word]
    state = next_state(MessageState(found.state), signal)
    if state is None:
        return
    if state in {MessageState.DELIVERED, MessageState.READ}:
        arrived.setdefault((phone, step), journey.now)
    columns: dict[str, Any] = {"state": state.value, "due_at": journey.now}
    if milestone:
        columns[milestone] = journey.now
    journey.report(phone, step, **columns)
