"""One person as shown: may they be written to, what they said, what they got."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from campaign.contacts.erasure import Erased
from console.web.parts import card, chip, moment, text
from console.web.pieces import facts, listing, whole
from console.web.texts import Words

ALLOWED = "allowed"
_OF_MESSAGE = (
    ("read", "read_at"), ("delivered", "delivered_at"), ("failed", "failed_at"), ("accepted", "accepted_at"),
    ("queued", "queued_at"),
)  # fmt: skip


def may_write(record: Mapping[str, Any], words: Words) -> None:
    """What may be sent to them now, and why or why not."""
    with card(words("person.may_write")):
        for category, why in record["may_write"].items():
            allowed = why == ALLOWED
            with ui.element("p").classes("verdict"):
                text(words(f"category.{category}"), "span", "strong")
                tone = "good" if allowed else "bad"
                text(words("person.yes" if allowed else "person.no"), "span", f"chip tone-{tone}")
                text(words(f"person.why.{why}"), "span", "soft")


def known(record: Mapping[str, Any], words: Words) -> None:
    """Name, country and attributes."""
    contact = record["contact"]
    with card(words("person.known")):
        if contact is None:
            text(words("person.no_contact"), "p", "soft")
            return
        facts(
            [
                (words("contacts.name"), whole(contact["name"]) if contact["name"] else None),
                (words("contacts.region"), contact["region"]),
                (words("person.zone"), contact["time_zone"]),
                (words("contacts.wrote"), lambda: moment(contact["last_inbound_at"], words)),
                (words("contacts.updated"), lambda: moment(contact["updated_at"], words)),
                *((name, str(value)) for name, value in record["attributes"].items()),
            ]
        )


def consent(record: Mapping[str, Any], words: Words) -> None:
    """What they said, newest first."""
    with card(words("person.consent")):
        columns = ("when", "said", "category", "source", "proof", "by")
        rows = [
            [
                _at(event["occurred_at"], words),
                words(f"person.{event['action']}"),
                words(f"category.{event['category']}"),
                whole(event["source"]),
                whole(event["proof"] or "–"),
                event["recorded_by"],
            ]
            for event in record["consent"]
        ]
        _table("person", columns, rows, words, caption="person.consent", empty="person.no_consent")


def bans(record: Mapping[str, Any], words: Words) -> None:
    """What forbids writing to them, and what became of earlier bans."""
    with card(words("person.bans")):
        rows = [
            [
                words(f"category.{ban['category']}"),
                words(f"ban.{ban['reason']}"),
                whole(ban["source"]),
                _at(ban["until"], words) if ban["until"] else words("person.for_good"),
                _at(ban["created_at"], words),
            ]
            for ban in record["suppressions"]
        ]
        columns = ("category", "why_banned", "source", "until", "since")
        _table("person", columns, rows, words, caption="person.bans", empty="person.no_bans")
        if record["suppression_history"]:
            with ui.element("details"):
                text(words("person.ban_history"), "summary")
                _changes(record["suppression_history"], words)


def _changes(changes: Sequence[Mapping[str, Any]], words: Words) -> None:
    rows = [
        [
            _at(change["recorded_at"], words),
            words(f"person.ban_{change['action']}"),
            words(f"category.{change['category']}"),
            change["why"] or change["source"],
            change["recorded_by"],
        ]
        for change in changes
    ]
    _table("person", ("when", "said", "category", "source", "by"), rows, words, caption="person.ban_history")


def messages(record: Mapping[str, Any], words: Words) -> None:
    """The campaigns that they were in, with the outcome."""
    with card(words("person.messages")):
        rows = [
            [
                message["campaign"],
                _state(message["state"], words),
                (message["reason"] or "–").replace("_", " "),
                _at(next((message[column] for _, column in _OF_MESSAGE if message[column]), None), words),
            ]
            for message in record["messages"]
        ]
        columns = ("campaign", "outcome", "reason_of", "last")
        _table("person", columns, rows, words, caption="person.messages", empty="person.no_messages")


def replies(record: Mapping[str, Any], words: Words) -> None:
    """What they answered."""
    if not record["replies"]:
        return
    with card(words("person.replies")):
        rows = [
            [
                _at(reply["received_at"], words),
                reply["campaign"],
                whole(reply["text"] or reply["payload"] or reply["kind"]),
                words("do.yes") if reply["opts_out"] else "–",
            ]
            for reply in record["replies"]
        ]
        _table("person", ("when", "campaign", "wrote", "opts_out"), rows, words, caption="person.replies")
        if ids := _user_ids(record):
            text(words("person.hidden_as", ids=", ".join(ids)), "p", "hint breakable")


def _user_ids(record: Mapping[str, Any]) -> list[str]:
    """What the platform calls the person where it hides the phone; numbers that they changed to are told elsewhere."""
    own = (record["contact"] or {}).get("user_id")
    known = (each["platform_id"] for each in record["known_as"])
    return list(dict.fromkeys(each for each in (own, *known) if each and not each.isdecimal()))


def erasing(record: Mapping[str, Any], words: Words) -> str:
    """What an erasure would do, and under which other numbers."""
    said = [words("person.erase_body")]
    if others := record["other_numbers"]:
        numbers = (
            words("person.erase_until", phone=each["phone"], day=f"{each['until']:%Y-%m-%d}")
            if each["until"]
            else each["phone"]
            for each in others
        )
        said.append(words("person.erase_also", numbers="; ".join(numbers)))
    if perhaps := record["perhaps_theirs"]:
        said.append(words("person.erase_perhaps", numbers=", ".join(each["phone"] for each in perhaps)))
    return " ".join(said)


def told(done: Erased, words: Words) -> None:
    """What an erasure did, and what it could not do by itself."""
    with ui.element("div").classes("warning").props('role="status"'):
        text(words("person.erase_rows", rows=words.number(sum(done.removed.values()))), "p")
        if done.numbers:
            text(words("person.erase_under", numbers=", ".join(each.phone for each in done.numbers)), "p")
        for each in done.lists:
            text(words("person.erase_list", file=each["file_name"], campaign=each["campaign"]), "p")
        if done.on_their_way:
            text(words("person.erase_again", count=done.on_their_way), "p")


def _table(
    room: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], words: Words, *, caption: str, empty: str = ""
) -> None:
    headings = [words(f"{room}.{column}") for column in columns]
    listing(headings, rows, caption=words(caption), empty=words(empty) if empty else "")


def _at(at: Any, words: Words) -> Any:
    return lambda: moment(at, words)


def _state(state: str, words: Words) -> Any:
    return lambda: chip(state, words)
