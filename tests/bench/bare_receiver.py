"""The bare baseline of the receiver: verifies the signature, keeps nothing, answers 200."""

import hmac
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def app() -> Starlette:
    secret = os.environ["TEST_APP_SECRET"].encode()

    async def take(request: Request) -> Response:
        body = await request.body()
        expected = "sha256=" + hmac.digest(secret, body, "sha256").hex()
        good = hmac.compare_digest(expected, request.headers.get("x-hub-signature-256", ""))
        return Response(b"", 200 if good else 401)

    return Starlette(routes=[Route("/webhooks/{sender}", take, methods=["POST"])])
