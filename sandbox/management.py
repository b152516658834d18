"""Everything beside sending that a client of the Cloud API asks for: templates, numbers, media, history, webhooks.

Paths and shapes: platform.md A.1, A.2 and its fixtures.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from typing import Any

import aiohttp

from sandbox.account import APP_ID, Number, Target
from sandbox.answers import SUCCESS, Answer, json_answer
from sandbox.ledger import DELIVERED, FAILED, READ, SENT, STATUS_NAMES, Entry
from sandbox.media import read_form
from sandbox.platform import Platform
from sandbox.refusals import Refusal, row_of
from sandbox.requests import Request
from sandbox.templates import BadTemplates

# The platform's own patience is not documented.
_VERIFY_TIMEOUT_S = 5.0
_URL_LIMIT = 200


class Management:
    """The Cloud dialect's endpoints. Authorisation has been checked before."""

    def __init__(self, platform: Platform) -> None:
        self._at = platform

    def list_templates(self, request: Request, waba_id: str) -> Answer:
        """`GET /{WABA_ID}/message_templates`: cursor paging, filters name, status, language and category."""
        self._check_account(waba_id)
        query = request.query
        found = [
            template
            for template in self._at.templates
            if query.get("name", template.name) == template.name
            and query.get("language", template.language) == template.language
            and query.get("status", template.status).upper() == template.status
            and query.get("category", template.category).upper() == template.category
        ]
        fields = [one for one in query.get("fields", "").split(",") if one]
        return json_answer(_page(request, [one.as_graph(fields) for one in found], most=1000))

    def create_template(self, request: Request, waba_id: str) -> Answer:
        """`POST /{WABA_ID}/message_templates`: the template waits for its review."""
        self._check_account(waba_id)
        # Reviews take up to a day; here somebody decides through /_sandbox.
        record = {**request.json(), "status": "PENDING"}
        if self._at.templates.find(str(record.get("name")), str(record.get("language"))):
            raise Refusal(100, "There is already content in this language for this template.")
        try:
            template = self._at.templates.add(record)
        except BadTemplates as error:
            raise Refusal(100, str(error)) from None
        return json_answer({"id": template.template_id, "status": template.status, "category": template.category})

    def delete_template(self, request: Request, waba_id: str) -> Answer:
        """`DELETE /{WABA_ID}/message_templates?name=`: every language of it."""
        self._check_account(waba_id)
        if not self._at.templates.remove(request.query.get("name", "")):
            raise Refusal(100, f"Message template {request.query.get('name')!r} was not found.")
        return SUCCESS

    def unpause(self, template_id: str) -> Answer:
        """`POST /{TEMPLATE_ID}/unpause`, platform.md B.4."""
        template = self._at.templates.by_id(template_id)
        if template is None or template.status != "PAUSED":
            raise Refusal(100, "The template is not paused.")
        self._at.set_template_status(template, "APPROVED")
        return SUCCESS

    def show(self, request: Request, object_id: str) -> Answer:
        """`GET /{ID}`: a number, a template or an upload, with the fields asked for."""
        fields = [one for one in request.query.get("fields", "").split(",") if one]
        number = self._at.numbers.get(object_id)
        if number is not None:
            everything = number.as_graph(self._at.config.waba_id)
            shown = {key: value for key, value in everything.items() if not fields or key in fields}
            return json_answer(shown | {"id": object_id})
        template = self._at.templates.by_id(object_id)
        if template is not None:
            return json_answer(template.as_graph(fields))
        return self.show_media(request, object_id)

    def show_media(self, request: Request, media_id: str) -> Answer:
        """Address, type and size of an upload; the address is good for five minutes."""
        upload = self._at.media.get(media_id)
        if upload is None or not self._at.media.holds(media_id, self._at.clock.platform_now()):
            raise Refusal(33, f"Object with ID '{media_id}' does not exist or cannot be loaded.")
        address = f"{request.base_url}/_sandbox/media/{media_id}"
        return json_answer(
            {
                "messaging_product": "whatsapp",
                "url": address,
                "mime_type": upload.mime_type,
                "file_size": upload.size,
                "id": media_id,
            }
        )

    def delete_media(self, media_id: str) -> Answer:
        """`DELETE /{MEDIA_ID}`."""
        if not self._at.media.remove(media_id):
            raise Refusal(33, f"Object with ID '{media_id}' does not exist or cannot be loaded.")
        return SUCCESS

    def upload(self, request: Request, days: int) -> Answer:
        """`POST /{PHONE_NUMBER_ID}/media`: a form with messaging_product, type and file."""
        form = read_form(request.body, request.headers.get(b"content-type", b"").decode("latin-1"))
        if form.get("messaging_product") is None or form["messaging_product"].content != b"whatsapp":
            raise Refusal(100, "The parameter messaging_product is required.")
        if "file" not in form:
            raise Refusal(100, "The parameter file is required.")
        # Clients give a MIME type or a mere kind here; the file's own type serves for the latter.
        named = form["type"].content.decode("latin-1") if "type" in form else ""
        kind = named if "/" in named else form["file"].content_type
        upload = self._at.media.add(kind, form["file"].content, self._at.clock.platform_now(), days)
        return json_answer({"id": upload.media_id})

    def message_history(self, request: Request, number_id: str) -> Answer:
        """`GET /{PHONE_NUMBER_ID}/message_history`: delivery events per wamid; neither recipient nor callback data."""
        message_id = request.query.get("message_id")
        if message_id is None:
            raise Refusal(100, "The parameter message_id is required.")
        entry = self._at.ledger.get(self._at.ids.number_of(message_id))
        # An id of another number is as unknown as one that never was.
        mine = entry is not None and entry.taken and entry.door.number_id == number_id
        rows = [_history(entry, request.query.get("fields", ""))] if entry is not None and mine else []
        return json_answer(_page(request, rows, most=100))

    async def subscribe(self, request: Request, waba_id: str) -> Answer:
        """`POST /{WABA_ID}/subscribed_apps`, with or without an address of its own for the field messages."""
        self._check_account(waba_id)
        body = {**request.query, **(request.json() if request.body else {})}
        url = body.get("override_callback_uri")
        if url:
            await verify_address(str(url), str(body.get("verify_token", "")))
        for number in self._at.numbers.values():
            number.override = Target(str(url)) if url else None
        return SUCCESS

    def subscriptions(self, waba_id: str) -> Answer:
        """`GET /{WABA_ID}/subscribed_apps`."""
        self._check_account(waba_id)
        override = next((n.override.url for n in self._at.numbers.values() if n.override), None)
        app: dict[str, Any] = {"whatsapp_business_api_data": {"id": APP_ID, "name": "Example App"}}
        return json_answer({"data": [app | ({"override_callback_uri": override} if override else {})]})

    def unsubscribe(self, waba_id: str) -> Answer:
        """`DELETE /{WABA_ID}/subscribed_apps`: back to the app's own address."""
        self._check_account(waba_id)
        for number in self._at.numbers.values():
            number.override = None
        return SUCCESS

    async def configure_number(self, request: Request, number: Number) -> Answer:
        """`POST /{PHONE_NUMBER_ID}` with `webhook_configuration`: an address for this number alone."""
        wanted = request.json().get("webhook_configuration")
        if not isinstance(wanted, dict) or "override_callback_uri" not in wanted:
            raise Refusal(100, "The parameter webhook_configuration['override_callback_uri'] is required.")
        url = str(wanted["override_callback_uri"])
        if url:
            await verify_address(url, str(wanted.get("verify_token", "")))
        number.override = Target(url) if url else None
        return SUCCESS

    def _check_account(self, waba_id: str) -> None:
        if waba_id != self._at.config.waba_id:
            raise Refusal(33, f"Object with ID '{waba_id}' does not exist or cannot be loaded.")


def _page(request: Request, rows: Sequence[dict[str, Any]], *, most: int) -> dict[str, Any]:
    """One page of a list: `limit` rows from the cursor on, with a link to the next."""
    limit = request.number("limit", 25, most)
    start = _read_cursor(request.query.get("after", ""))
    end = min(start + limit, len(rows))
    # An empty list has no cursors.
    if start >= len(rows):
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
    if end < len(rows):
        kept = {**request.query, "limit": str(limit), "after": _cursor(end)}
        paging["next"] = f"{request.base_url}{request.path}?" + "&".join(f"{k}={v}" for k, v in kept.items())
    return {"data": list(rows[start:end]), "paging": paging}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=") + "ZD"


def _read_cursor(cursor: str) -> int:
    text = cursor.removesuffix("ZD")
    try:
        place = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        raise Refusal(100, "Invalid cursors values") from None
    if place and not place.isdecimal():
        raise Refusal(100, "Invalid cursors values")
    return int(place or 0)


def _history(entry: Entry, fields: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": f"{entry.seq:016d}", "message_id": entry.message_id}
    if "events" in fields:
        times = {SENT: entry.sent_at, DELIVERED: entry.delivered_at, READ: entry.read_at, FAILED: entry.failed_at}
        happened = sorted((at, bit) for bit, at in times.items() if at is not None)
        shown["events"] = {"data": [_history_event(entry, at, bit) for at, bit in happened]}
    return shown


def _history_event(entry: Entry, at: float, bit: int) -> dict[str, Any]:
    event = {
        "id": f"{entry.seq:014d}{bit:02d}",
        "delivery_status": STATUS_NAMES[bit].upper(),
        "timestamp": int(at),
        "webhook_update_state": "DELIVERED" if entry.posted & bit else "PENDING",
        "application": {"id": APP_ID},
    }
    if bit == FAILED:
        event["error_description"] = row_of(entry.error_code or 131000).title
    return event


async def verify_address(url: str, token: str) -> None:
    """Ask an address for its consent before webhooks go there, platform.md D.1.

    raises  Refusal 100 when it does not give the challenge back
    """
    if len(url) > _URL_LIMIT:
        raise Refusal(100, f"The callback URL is longer than {_URL_LIMIT} characters.")
    # Unpredictable, so that an endpoint has to echo it.
    challenge = str(secrets.randbelow(10**10))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_VERIFY_TIMEOUT_S)) as session,
            session.get(url, params=query) as answer,
        ):
            agreed = answer.status == 200 and (await answer.text()).strip() == challenge
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        agreed = False
    if not agreed:
        raise Refusal(100, "The callback URL or verify token could not be validated.")
