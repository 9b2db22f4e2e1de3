"""Where the keys of a TOML file stand: what tomllib does not tell, so that a refusal can name a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way to a value: keys of tables, and places in lists."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}=,.\n]"
    r"|[^\s\[\]{}=,.#\"']+",
    re.DOTALL,
)
_SPACE = "\n"
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\", "e": "\x1b"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")


class _Token(NamedTuple):
    text: str
    line: int


def find_lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and element of a list of a TOML text that tomllib can read."""
    return _Scan(text).lines()


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a value, or of the nearest thing that holds it; 1 for the file."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _tokens(text: str) -> Iterator[_Token]:
    line, at = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if not match[0].startswith("#"):
            yield _Token(match[0], line)


def _name(token: str) -> str:
    """A key as it is meant: without its quotation marks."""
    if token[0] == "'":
        return token[1:-1]
    return _ESCAPE.sub(_meant, token[1:-1]) if token[0] == '"' else token


def _meant(escape: re.Match[str]) -> str:
    code = escape[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" and len(code) > 1 else _SHORT.get(code, code)


class _Scan:
    """Goes over the tokens once. The text is known to be TOML, so nothing is checked."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def lines(self) -> dict[Path, int]:
        table: Path = ()
        while self.skip():
            if self.text == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.found

    @property
    def text(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def skip(self, more: str = "") -> bool:
        """Over the ends of lines (and commas); whether anything is left."""
        while self.text and (self.text == _SPACE or self.text in more):
            self.at += 1
        return bool(self.text)

    def keep(self, path: Path, line: int) -> None:
        """A thing stands on a line; the tables that it opens stand there too."""
        for n in range(1, len(path) + 1):
            self.found.setdefault(path[:n], line)

    def header(self) -> Path:
        line = self.tokens[self.at].line
        self.at += 1
        many = self.text == "["
        self.at += many
        path = self.within(self.key())
        if many:
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        self.keep(path, line)
        self.at += 1 + many
        return path

    def within(self, key: Path) -> Path:
        """The key of a header with the place of the last element where it goes through a list of tables."""
        path: Path = ()
        for n, part in enumerate(key):
            path = (*path, part)
            if path in self.counts and n + 1 < len(key):
                path = (*path, self.counts[path])
        return path

    def key(self) -> Path:
        parts: list[str] = []
        while self.text not in ("=", "]"):
            if self.text != ".":
                parts.append(_name(self.text))
            self.at += 1
        return tuple(parts)

    def pair(self, table: Path) -> None:
        line = self.tokens[self.at].line
        path = (*table, *self.key())
        self.keep(path, line)
        self.at += 1
        self.value(path)

    def value(self, path: Path) -> None:
        opened = self.text
        if opened not in ("[", "{"):
            while self.text and self.text not in (",", "]", "}", _SPACE):
                self.at += 1
            return
        self.at += 1
        close, number = "]" if opened == "[" else "}", 0
        while self.skip(",") and self.text != close:
            if opened == "{":
                self.pair(path)
            else:
                self.keep((*path, number), self.tokens[self.at].line)
                self.value((*path, number))
                number += 1
        self.at += 1
