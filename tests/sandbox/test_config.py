"""Defaults that work together, secrets that stay unseen."""

from sandbox.config import DIALECTS, SandboxConfig


def test_the_defaults_serve_everything() -> None:
    config = SandboxConfig()
    assert config.dialects == DIALECTS == ("cloud", "d360", "d360-onprem")
    assert config.token == "sandbox-token"
    assert config.app_secret == "sandbox-app-secret"


def test_secrets_are_not_printed() -> None:
    shown = repr(SandboxConfig(token="t0ken", app_secret="s3cret", webhook_authorization="Bearer n0"))
    assert not any(secret in shown for secret in ("t0ken", "s3cret", "n0"))
