"""Cookies: over TLS bound to this host and never sent without it."""

from __future__ import annotations

from typing import Literal

from fastapi import Request, Response

_BOUND = "__Host-"
"""By this beginning of a name a browser takes a cookie only of TLS, for one host and every path."""


def read(request: Request, name: str) -> str | None:
    """The value of a cookie, where it came the way it was given."""
    return request.cookies.get(_name(request, name))


def give(
    request: Request, answer: Response, name: str, value: str, *, age: int, site: Literal["lax", "strict"]
) -> None:
    """Give a cookie that no script can read, for ``age`` seconds."""
    answer.set_cookie(
        _name(request, name), value, max_age=age, httponly=True, samesite=site, secure=_over_tls(request)
    )


def take(request: Request, answer: Response, name: str) -> None:
    answer.delete_cookie(_name(request, name), httponly=True, secure=_over_tls(request))


def _name(request: Request, name: str) -> str:
    return _BOUND + name if _over_tls(request) else name


def _over_tls(request: Request) -> bool:
    return request.url.scheme == "https"
