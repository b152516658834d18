"""Why a row is open: what a message that has not come to its end waits for, where nothing else is said of it."""

from collections.abc import Mapping

from models.states import MessageState

OPEN_REASONS: Mapping[str, str] = {
    MessageState.QUEUED: "to_be_sent",
    MessageState.SENDING: "being_sent",
    MessageState.UNCERTAIN: "no_answer",
    MessageState.ACCEPTED: "not_reported_yet",
    MessageState.HELD: "held_by_whatsapp",
    MessageState.SENT: "not_delivered_yet",
}
"""State to reason, for every state that is open."""
