"""Errors as problem details, RFC 9457: what failed, on which thing, what to do next."""

import math
from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from campaign.errors import (
    BadList,
    CampaignError,
    ConfigurationError,
    Conflict,
    Forbidden,
    NotFound,
    NotSignedIn,
    PlatformError,
    Throttled,
    UsageError,
)
from console.api.words import in_fields

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[type[CampaignError], int] = {
    UsageError: 422,
    BadList: 422,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    NotSignedIn: 401,
    Throttled: 429,
    PlatformError: 502,
    ConfigurationError: 503,
}
TITLES: Mapping[int, str] = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 413: "Too large", 422: "Not usable", 429: "Too many tries", 500: "Unexpected error",
    502: "The platform failed", 503: "Not available",
}  # fmt: skip
AWAY = "the database is out of reach; try again in a minute, or see campaign doctor"


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    """One problem as an answer."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail} | more
    return JSONResponse(body, status, media_type=MEDIA_TYPE, headers=headers)


def status_of(error: CampaignError) -> int:
    """The HTTP status that fits an error of ours."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 400)


def add_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    app.add_exception_handler(CampaignError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CampaignError)
    answer = problem(status_of(error), in_fields(str(error)))
    if isinstance(error, Throttled) and error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return answer


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [{"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]} for one in error.errors()]
    first = found[0] if found else {"where": "request", "what": "not usable"}
    return problem(422, f"{first['where']}: {first['what']}", errors=found)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail))


async def _away(request: Request, error: Exception) -> JSONResponse:
    log.warning("database out of reach", path=request.url.path)
    return problem(503, AWAY)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", path=request.url.path, error=type(error).__name__, exc_info=error)
    return problem(500, "this should not have happened; it was written to the log")
