"""Tokens by which people are known to the web app."""

from __future__ import annotations

import hashlib
import secrets

_PREFIX = "dgm_"
_INVITATION = "dgi_"


def new_token() -> str:
    """A token nobody can guess; only its digest is kept."""
    return _PREFIX + secrets.token_urlsafe(32)


def new_invitation() -> str:
    """What somebody shows once to be given a token that nobody else has seen."""
    return _INVITATION + secrets.token_urlsafe(32)


def is_invitation(shown: str) -> bool:
    return shown.startswith(_INVITATION)


def digest(token: str) -> str:
    """What is kept of a token, in hexadecimal. Tokens are long and random, so that no salt is needed."""
    return hashlib.sha256(token.encode("utf8", "surrogatepass")).hexdigest()
