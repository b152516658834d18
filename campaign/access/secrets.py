"""Secrets that we hand out once and keep only a digest of: session tokens, API keys, the set-up token. Pure."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """A fresh secret of 256 random bits, safe in addresses and headers."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """What is kept. A plain SHA-256 does, since the secret is random and long; passwords take argon2 instead."""
    return hashlib.sha256(secret.encode()).hexdigest()
