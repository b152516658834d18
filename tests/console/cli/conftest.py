"""The command line on real stores, with a platform that lists templates over HTTP."""

import json
import logging
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import structlog

from campaign.settings import current_settings
from console.cli.main import main
from models.session import Sessions
from tests.factories import fiction_phone

LISTING = json.loads((Path(__file__).parents[2] / "campaign" / "templates" / "listing.json").read_text("utf-8"))["data"]
TOKEN = "a-token-that-nobody-may-see"


@dataclass(frozen=True)
class Answer:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Answer]


@pytest.fixture
def cli(
    sessions: Sessions,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Cli]:
    """Runs one command line in this process, in an empty folder; what it did is returned, and never a secret in it."""
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "HOME": str(tmp_path / "home")}
    for name, value in environment.items():
        monkeypatch.setenv(f"CAMPAIGN_{name}", value)
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    handlers, level = logging.root.handlers[:], logging.root.level

    def run(*arguments: object) -> Answer:
        current_settings.cache_clear()
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert TOKEN not in printed.out + printed.err
        return Answer(code, printed.out, printed.err)

    yield run
    current_settings.cache_clear()
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = handlers, level


@dataclass
class Platform:
    """A stand-in that lists templates and nothing else; `status` is the HTTP status of its answers."""

    templates: list[dict[str, Any]] = field(default_factory=lambda: deepcopy(LISTING))
    status: int = 200
    url: str = ""


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform on a free port."""
    answers = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            refusal = {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}}
            body = json.dumps({"data": answers.templates} if answers.status == 200 else refusal).encode()
            self.send_response(answers.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        answers.url = f"http://127.0.0.1:{server.server_port}/v23.0"
        yield answers
        server.shutdown()


def add_sender(cli: Cli, url: str = "http://127.0.0.1:9/v23.0", name: str = "shop") -> Answer:
    """Adds a cloud sender through the command line."""
    ids = ("--phone-number-id", "100000000000020", "--waba-id", "100000000000010")
    return cli("senders", "add", name, "--provider", "cloud", *ids, "--base-url", url, "--token-env", "SHOP_TOKEN")


TEXT = {
    "name": "spring_sale",
    "language": "en_US",
    "category": "MARKETING",
    "status": "APPROVED",
    "id": "900000000000003",
    "parameter_format": "POSITIONAL",
    "components": [
        {"type": "BODY", "text": "Hi {{1}}, your code saves {{2}} until Sunday."},
        {"type": "FOOTER", "text": "Reply STOP to opt out"},
    ],
}
ROWS = 5
MAP = ("--map", "body.1=name|friend", "--map", "body.2==15%")


@pytest.fixture
def ready(cli: Cli, platform: Platform, tmp_path: Path) -> Cli:
    """A command line with sender, templates, consent and the list `list.csv`: five rows, one of them bad."""
    platform.templates[:] = deepcopy([TEXT, *LISTING])
    phones = [fiction_phone(number) for number in range(ROWS - 1)]
    (tmp_path / "list.csv").write_text("phone,name\n12,Nobody\n" + "".join(f"{phone},Ann\n" for phone in phones))
    add_sender(cli, platform.url)
    cli("templates", "sync", "--sender", "shop")
    cli("consent", "grant", *phones, "--category", "marketing")
    return cli


def create(cli: Cli, *more: str, name: str = "spring", audience: str = "list.csv", **given: str) -> Answer:
    """Creates a campaign through the command line."""
    named = {"sender": "shop", "template": "spring_sale", "language": "en_US", "audience": audience} | given
    return cli("create", name, *(word for key, value in named.items() for word in (f"--{key}", value)), *(more or MAP))
