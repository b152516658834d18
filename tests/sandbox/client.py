"""A client of the sandbox that knows its paths, and the bodies that tests send."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from sandbox.config import DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, DEFAULT_WABA_ID
from sandbox.templates import NAMESPACE

NUMBER, ACCOUNT = DEFAULT_PHONE_NUMBER_ID, DEFAULT_WABA_ID
CLOUD_KEY = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
D360_KEY = {"D360-API-KEY": DEFAULT_TOKEN}
SALE = [{"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "SPRING15"}]}]


class Client:
    """Speaks to one sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=10)

    def post(self, body: object, *, version: str = "v23.0", headers: Mapping[str, str] = CLOUD_KEY) -> httpx.Response:
        """A body to the Cloud dialect's messages."""
        return self.http.post(f"/{version}/{NUMBER}/messages", json=body, headers=dict(headers))

    def send(self, to: str = "+525555500001", *, version: str = "v23.0", **template: Any) -> httpx.Response:
        """A template message; `name`, `language`, `components` and `data` (callback data) may be given."""
        data = template.pop("data", None)
        return self.post(message(to, data=data, **template), version=version)

    def accepted(self, to: str = "+525555500001", **template: Any) -> str:
        """The id of a message that has to be taken."""
        answer = self.send(to, **template)
        assert answer.status_code == 200, answer.text
        wamid: str = answer.json()["messages"][0]["id"]
        return wamid

    def get(self, path: str, **query: Any) -> httpx.Response:
        """A management call of the Cloud dialect."""
        return self.http.get(f"/v23.0/{path}", params=query, headers=CLOUD_KEY)

    def control(self, path: str, body: object | None = None) -> dict[str, Any]:
        """A control call: POST with a body, GET without."""
        method = "GET" if body is None else "POST"
        answer = self.http.request(method, f"/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def entries(self) -> list[dict[str, Any]]:
        """The ledger, all of it."""
        entries: list[dict[str, Any]] = self.control("ledger?limit=10000")["entries"]
        return entries

    def settled(self, within_s: float = 5.0) -> list[dict[str, Any]]:
        """The ledger once nothing is scheduled and no webhook waits."""
        ends = time.monotonic() + within_s
        while True:
            summary = self.control("summary")
            if not summary["scheduled"] and not summary["webhooks"]["queue"]:
                return self.entries()
            assert time.monotonic() < ends, f"not settled after {within_s} s: {summary}"
            time.sleep(0.02)


def message(to: str, *, name: str = "spring_sale", language: str = "en_US", **more: Any) -> dict[str, Any]:
    """The body of a template message in the Cloud dialects."""
    components, data = more.get("components", SALE), more.get("data")
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        **({} if data is None else {"biz_opaque_callback_data": data}),
        "template": {
            "name": name,
            "language": {"policy": "deterministic", "code": language},
            **({} if components is None else {"components": components}),
        },
    }


def on_premise_message(to: str, *, name: str = "spring_sale", components: Any = SALE) -> dict[str, Any]:
    """The body of a template message On-Premise."""
    template = {"namespace": NAMESPACE, "name": name, "language": {"policy": "deterministic", "code": "en_US"}}
    return {"to": to, "type": "template", "template": {**template, "components": components}}


def text_message(to: str, body: str = "Your order is ready") -> dict[str, Any]:
    """The body of a free-form text."""
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}}


def refusal(answer: httpx.Response) -> tuple[int, int, str]:
    """HTTP status, code and details of a refusal in Graph's envelope."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_data", {}).get("details", error["message"])
