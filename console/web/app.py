"""The console as an application: the REST API, the pages, and what they look like."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import nicegui
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from nicegui import ui
from starlette.staticfiles import StaticFiles

from campaign.errors import ConfigurationError
from campaign.settings import Settings
from console.api.app import create_api
from console.api.door import Door
from console.stores.pace import shares
from console.stores.request_rate import request_rate
from console.web import pages, sign_in
from console.web.gate import Gate
from console.web.quick import make_quick
from models.session import make_engine, make_sessions

LOOK = Path(__file__).parent / "look"


@contextmanager
def open_door(settings: Settings) -> Iterator[Door]:
    """The door of a process on the stores of the settings.

    raises  ConfigurationError when no stores are named
    """
    if settings.database_url is None or settings.redis_url is None:
        raise ConfigurationError("CAMPAIGN_DATABASE_URL or CAMPAIGN_REDIS_URL is not set; start with campaign up")
    engine = make_engine(settings.database_url.get_secret_value(), pool_size=10)
    try:
        redis_url = settings.redis_url.get_secret_value()
        with shares(redis_url, settings) as share, request_rate(redis_url, settings) as wait:
            yield Door(make_sessions(engine), settings, lambda: datetime.now(UTC), share, wait)
    finally:
        engine.dispose()


def create_console(door: Door) -> FastAPI:
    """The API and the pages on one door."""
    make_quick()
    app = create_api(door)
    nicegui.app.state.door = door
    app.include_router(sign_in.router)
    app.add_api_route("/healthz", _alive, include_in_schema=False)
    app.mount("/look", StaticFiles(directory=LOOK), name="look")
    app.add_middleware(Gate, door=door)
    for module in pkgutil.iter_modules(pages.__path__, "console.web.pages."):
        importlib.import_module(module.name)
    ui.run_with(
        app, title="Campaigns", favicon=LOOK / "mark.svg", dark=None, tailwind=False, show_welcome_message=False,
        reconnect_timeout=15.0,
    )  # fmt: skip
    return app


def _alive() -> PlainTextResponse:
    return PlainTextResponse("alive\n")
