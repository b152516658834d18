"""Uploads of files, in the manner of each dialect. Source: platform.md A.1, E (Media)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from campaign.errors import PlatformError
from campaign.providers.management import read_json
from campaign.providers.turns import Carrier

META_KEEPS, D360_KEEPS = timedelta(days=30), timedelta(days=14)
"""How long the id of an upload can be used."""


@dataclass(frozen=True, slots=True)
class FormUpload:
    """A form with the file: Meta's Cloud API, and 360dialog's hosting of it."""

    wire: Carrier
    url: str
    key: Mapping[str, str]
    keeps: timedelta

    async def upload(self, name: str, mime: str, content: bytes) -> tuple[str, timedelta]:
        """The id of an uploaded file, and how long it can be used.

        raises  PlatformError when the platform refuses or does not answer
        """
        boundary = secrets.token_hex(16)
        headers = {**self.key, "content-type": f"multipart/form-data; boundary={boundary}"}
        answer = await self.wire.exchange("POST", self.url, headers, _form(boundary, name, mime, content))
        return _id(read_json(answer, self.url), self.url), self.keeps

    async def aclose(self) -> None:
        """Give the connections back."""
        await self.wire.aclose()


@dataclass(frozen=True, slots=True)
class RawUpload:
    """The bytes as they are: 360dialog's hosting of the On-Premise API."""

    wire: Carrier
    url: str
    key: Mapping[str, str]
    keeps: timedelta

    async def upload(self, name: str, mime: str, content: bytes) -> tuple[str, timedelta]:
        """The id of an uploaded file, and how long it can be used.

        raises  PlatformError when the platform refuses or does not answer
        """
        answer = await self.wire.exchange("POST", self.url, {**self.key, "content-type": mime}, content)
        body = read_json(answer, self.url)
        listed = body.get("media")
        return _id(listed[0] if isinstance(listed, list) and listed else body, self.url), self.keeps

    async def aclose(self) -> None:
        """Give the connections back."""
        await self.wire.aclose()


def cloud_upload(wire: Carrier, *, base_url: str, token: str, phone_number_id: str) -> FormUpload:
    """At Meta: `POST /{PHONE_NUMBER_ID}/media`."""
    url = f"{base_url.rstrip('/')}/{phone_number_id}/media"
    return FormUpload(wire, url, {"authorization": f"Bearer {token}"}, META_KEEPS)


def d360_upload(wire: Carrier, *, base_url: str, api_key: str) -> FormUpload:
    """At 360dialog's Cloud hosting: `POST /media`."""
    return FormUpload(wire, f"{base_url.rstrip('/')}/media", {"d360-api-key": api_key}, D360_KEEPS)


def onprem_upload(wire: Carrier, *, base_url: str, api_key: str) -> RawUpload:
    """On-Premise: `POST /v1/media`, `base_url` ending in `/v1`."""
    return RawUpload(wire, f"{base_url.rstrip('/')}/media", {"d360-api-key": api_key}, D360_KEEPS)


def _form(boundary: str, name: str, mime: str, content: bytes) -> bytes:
    # A name with quotation marks or line ends would break out of its field.
    plain = "".join(character for character in name if character.isprintable() and character not in '"\\') or "file"
    head = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in (("messaging_product", "whatsapp"), ("type", mime))
    )
    disposition = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{plain}"\r\n'
    return b"".join(
        (head, f"{disposition}Content-Type: {mime}\r\n\r\n".encode(), content, f"\r\n--{boundary}--\r\n".encode())
    )


def _id(body: Mapping[str, Any], url: str) -> str:
    found = body.get("id")
    if isinstance(found, str | int) and str(found):
        return str(found)
    raise PlatformError(f"{url} answered without an id of the file; try again")
