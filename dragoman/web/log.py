"""What a server tells of itself: a line of JSON an event, without tokens, sessions, questions or words of articles.

Every line has ``time`` (UTC), ``level`` and ``event``; of a request also ``who``, ``from``, ``method`` and ``path``.
Whatever is not ASCII, and every control character, is escaped: no line can be forged or steer a terminal.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_LOG = logging.getLogger("dragoman.web")
_LONGEST = 300
"""Characters of a value; what somebody sends is told no further."""


def note(event: str, scope: Mapping[str, Any], *, who: str | None = None, **more: object) -> None:
    """Tell of something that happened to a request."""
    client = (scope.get("client") or ("",))[0]
    told = {"who": who, "from": client, "method": scope["method"], "path": scope["path"], **more}
    _LOG.info("%s", event, extra={"told": {name: _short(value) for name, value in told.items()}})


def _short(value: object) -> object:
    return value[:_LONGEST] if isinstance(value, str) else value


class Lines(logging.Formatter):
    """Records of any logger as lines of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {
            "time": moment,
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        told |= getattr(record, "told", {})
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told).replace("\x7f", "\\u007f")


_HANDLER = {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}
SETUP: Mapping[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "dragoman.web.log.Lines"}},
    "handlers": {"lines": _HANDLER},
    "loggers": {
        "dragoman": {"handlers": ["lines"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
    },
}
"""Everything to standard error, where whoever runs the server collects it."""
