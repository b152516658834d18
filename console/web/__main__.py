"""`python -m console.web`: the console in the foreground until SIGTERM or Ctrl-C."""

import argparse
import socket
import sys
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from campaign.errors import CampaignError
from campaign.settings import Settings, current_settings
from tasks.log import set_up_log

READY = "console listening on"
MOST_CONNECTIONS = 500
CLOSE_WITHIN_S = 3
"""How long browsers that look on may keep us from stopping."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m console.web", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fd", type=int, help="descriptor of a socket that listens already, instead of host and port")
    fd = parser.parse_args(arguments).fd
    set_up_log()
    from console.web.app import create_console, open_door

    settings = current_settings()
    try:
        with open_door(settings) as door:
            server = _Server(_configuration(create_console(door), settings))
            server.run(sockets=[socket.socket(fileno=fd)] if fd is not None else None)
            return 0 if server.started else 1
    except CampaignError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code


class _Server(uvicorn.Server):
    """Says so when it serves, in a line that the supervisor waits for."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            sys.stderr.write(f"{READY} port {port}\n")
            sys.stderr.flush()


def _configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.console_host,
        port=settings.console_port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=CLOSE_WITHIN_S,
        limit_concurrency=MOST_CONNECTIONS,
    )


if __name__ == "__main__":
    sys.exit(main())
