"""`python -m sandbox`: flags and environment to a running sandbox, and one line of JSON when it listens."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.app import create_app
from sandbox.config import (
    DEFAULT_APP_SECRET,
    DEFAULT_PHONE_NUMBER_ID,
    DEFAULT_TOKEN,
    DEFAULT_VERIFY_TOKEN,
    DEFAULT_WABA_ID,
    DIALECTS,
    SandboxConfig,
)
from sandbox.scenario import BadScenario, Scenario, load_scenario
from sandbox.server import listen, serve
from sandbox.templates import BadTemplates, load_templates

# Beside the package in a checkout; an installed one takes paths only.
_SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "scenarios"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM. Exit code 1 when it cannot start, 2 for wrong flags."""
    flags = _flags(arguments)
    try:
        app = create_app(_config(flags))
        listener = listen(flags.host, flags.port)
    except (BadScenario, BadTemplates) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot listen on {flags.host}:{flags.port} ({error.strerror}); choose another --port, or 0")
    ready = {"ready": True, "host": flags.host, "port": listener.getsockname()[1]}
    # The server stops in good order first and raises the signal again afterwards: an ordinary end.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit(0))
    serve(app, listener, lambda: _tell(json.dumps(ready), flags.ready_file))
    return 0


def _flags(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m sandbox", description="A stand-in for the WhatsApp platform.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--scenario", help="a TOML file, or the name of one in samples/scenarios")
    parser.add_argument("--seed", type=int, help="replaces the scenario's")
    parser.add_argument("--templates", type=Path, help="templates in the shape of Graph's list")
    parser.add_argument("--webhook-url", help="where webhooks go")
    parser.add_argument("--token", help=f"SANDBOX_TOKEN, else {DEFAULT_TOKEN}")
    parser.add_argument("--app-secret", help=f"SANDBOX_APP_SECRET, else {DEFAULT_APP_SECRET}")
    parser.add_argument("--verify-token", default=DEFAULT_VERIFY_TOKEN)
    parser.add_argument("--phone-number-id", action="append", help="may be repeated")
    parser.add_argument("--waba-id", default=DEFAULT_WABA_ID)
    parser.add_argument("--dialect", choices=(*DIALECTS, "all"), default="all")
    parser.add_argument("--ready-file", type=Path, help="the ready line is written here too")
    return parser.parse_args(arguments)


def _config(flags: argparse.Namespace) -> SandboxConfig:
    scenario = load_scenario(find_scenario(flags.scenario)) if flags.scenario else Scenario()
    # 0 is a seed as well.
    if flags.seed is not None:
        scenario = scenario.patched({"seed": flags.seed})
    return SandboxConfig(
        token=flags.token or os.environ.get("SANDBOX_TOKEN") or DEFAULT_TOKEN,
        app_secret=flags.app_secret or os.environ.get("SANDBOX_APP_SECRET") or DEFAULT_APP_SECRET,
        verify_token=flags.verify_token,
        webhook_url=flags.webhook_url,
        webhook_authorization=os.environ.get("SANDBOX_WEBHOOK_AUTHORIZATION"),
        phone_number_ids=tuple(flags.phone_number_id or [DEFAULT_PHONE_NUMBER_ID]),
        waba_id=flags.waba_id,
        dialects=DIALECTS if flags.dialect == "all" else (flags.dialect,),
        scenario=scenario,
        templates=load_templates(flags.templates),
    )


def find_scenario(name: str) -> Path:
    """The file of a scenario given by path, or by its name in samples/scenarios."""
    by_name = _SAMPLES / f"{name}.toml"
    return by_name if by_name.is_file() and not Path(name).is_file() else Path(name)


def _tell(line: str, ready_file: Path | None) -> None:
    if ready_file is not None:
        # Written aside and moved, so that a reader never sees half of it.
        aside = ready_file.with_name(ready_file.name + ".part")
        aside.write_text(line + "\n")
        aside.replace(ready_file)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _fail(message: str) -> int:
    sys.stderr.write(f"Error: {message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
