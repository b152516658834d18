"""Everything beside sending that a client of 360dialog asks for, in both of its dialects.

Paths and shapes: platform.md A.1; what is unconfirmed there (K.2) follows the fixtures.
"""

import re
from typing import Any

from sandbox.account import Number, Target
from sandbox.answers import SUCCESS, Answer, json_answer
from sandbox.dialects import Dialect, GatewayRefusal
from sandbox.management import Management
from sandbox.phone import person_of, read_digits
from sandbox.platform import Platform
from sandbox.refusals import Refusal
from sandbox.requests import Request
from sandbox.templates import BadTemplates

_ON_PREMISE_ONLY = re.compile(r"/v1/(contacts|media|messages)(/.*)?")
_MEDIA_PATH = re.compile(r"/(?:v1/media/)?(\d+)")


class D360Management:
    """The endpoints of 360dialog; the key tells the number."""

    def __init__(self, platform: Platform, cloud: Management) -> None:
        self._at, self._cloud = platform, cloud

    def dialect_of(self, path: str) -> str:
        """Which of the two dialects a path belongs to; what both have goes to the first that is served."""
        if _ON_PREMISE_ONLY.fullmatch(path) or "d360" not in self._at.dialects:
            return "d360-onprem"
        return "d360"

    def answer(self, request: Request, dialect: Dialect) -> Answer:
        """Answer one call.

        raises  Refusal
        """
        number = dialect.open(self._at.numbers, request.headers, None)
        # A look at templates does not change the dialect of a number that sends through another.
        if number.number_id not in self._at.voices:
            self._at.heard(number.number_id, dialect)
        match (request.method, request.path):
            case ("GET", "/v1/configs/templates"):
                return self._list_templates(request)
            case ("POST", "/v1/configs/templates"):
                return self._create_template(request)
            case ("GET", "/v1/configs/webhook"):
                return json_answer({"url": number.override.url if number.override else None})
            case ("POST", "/v1/configs/webhook"):
                return _set_webhook(request, number)
            case ("GET", "/health_status"):
                return json_answer({"health_status": number.health(self._at.config.waba_id)})
            case ("POST", "/media"):
                return self._cloud.upload(request, dialect.media_days)
            case ("POST", "/v1/media"):
                return self._upload_raw(request, dialect)
            case ("POST", "/v1/contacts"):
                return self._check_contacts(request)
        return self._answer_with_id(request)

    def _answer_with_id(self, request: Request) -> Answer:
        path = request.path
        media = _MEDIA_PATH.fullmatch(path)
        if media and request.method == "GET":
            return self._cloud.show_media(request, media[1])
        if media and request.method == "DELETE":
            return self._cloud.delete_media(media[1])
        if request.method == "PUT" and path.startswith("/v1/messages/") and request.json() == {"status": "read"}:
            return json_answer({})
        if request.method == "DELETE" and path.startswith("/v1/configs/templates/"):
            if not self._at.templates.remove(path.rsplit("/", 1)[1]):
                raise GatewayRefusal(404, "Template not found")
            return SUCCESS
        raise GatewayRefusal(404, "Not found")

    def _list_templates(self, request: Request) -> Answer:
        """`limit` and `offset`; everything when neither is given."""
        # Paging by offset is known from third parties only, platform.md K.2.
        everything = [template.as_d360() for template in self._at.templates]
        offset = int(request.query.get("offset") or 0) if request.query.get("offset", "0").isdecimal() else 0
        limit = request.number("limit", max(1, len(everything)), 1000)
        page = everything[offset : offset + limit]
        return json_answer({"waba_templates": page, "count": len(page), "total": len(everything), "offset": offset})

    def _create_template(self, request: Request) -> Answer:
        try:
            template = self._at.templates.add({**request.json(), "status": "PENDING"})
        except BadTemplates as error:
            raise GatewayRefusal(400, str(error)) from None
        return json_answer(template.as_d360(), 201)

    def _upload_raw(self, request: Request, dialect: Dialect) -> Answer:
        """On-Premise: the bytes are the body, the type is the header."""
        kind = request.headers.get(b"content-type", b"").decode("latin-1").partition(";")[0]
        upload = self._at.media.add(kind, request.body, self._at.clock.platform_now(), dialect.media_days)
        return json_answer({"media": [{"id": upload.media_id}], "meta": _META}, 201)

    def _check_contacts(self, request: Request) -> Answer:
        """The contact check; from client v2.43 on everybody is valid, platform.md A.1."""
        contacts = request.json().get("contacts")
        if not isinstance(contacts, list) or not contacts:
            raise Refusal(131008, "contacts is missing")
        rows: list[dict[str, Any]] = []
        for given in contacts:
            digits = read_digits(str(given))
            if digits is None:
                rows.append({"input": given, "status": "invalid"})
                continue
            self._at.checked_contacts.add(person_of(digits))
            rows.append({"input": given, "status": "valid", "wa_id": digits})
        return json_answer({"contacts": rows, "meta": _META})


def _set_webhook(request: Request, number: Number) -> Answer:
    """`{"url": …, "headers": {…}}`; nothing is verified."""
    wanted = request.json()
    url, headers = wanted.get("url"), wanted.get("headers") or {}
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or not isinstance(headers, dict):
        raise GatewayRefusal(400, "Invalid webhook url")
    # At 360dialog the address of a number carries everything, template events too.
    number.override = Target(url, {str(key): str(value) for key, value in headers.items()})
    return json_answer({"url": url, "headers": headers})


_META = {"api_status": "stable", "version": "2.31.5"}
