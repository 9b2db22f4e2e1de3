"""Tokens by which people are known to the web app."""

from __future__ import annotations

import hashlib
import secrets

_PREFIX = "dgm_"


def new_token() -> str:
    """A token nobody can guess; only its digest is kept."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token, in hexadecimal. Tokens are long and random, so that no salt is needed."""
    return hashlib.sha256(token.encode("utf8", "surrogatepass")).hexdigest()
