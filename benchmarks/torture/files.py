"""What SQLite does to its files: every write, sync, cut and removal, seen and made to fail below the connection.

The SQLite that Python itself uses gets another layer under it (a VFS) that passes everything on. Nothing above knows
of it: the store, its pragmas and its library are those of every day. It needs a Python whose sqlite3 shares its SQLite
with others (Debian, Homebrew, python.org); where SQLite is built in, ``watched`` raises Unsupported.
"""

from __future__ import annotations

import ctypes as c
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Watch = Callable[["Act"], int]
"""Told of an act before it is done; 0 lets it happen, another number is the error of SQLite that comes instead."""


class Unsupported(Exception):
    """The SQLite of this Python cannot be reached from outside."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a file. kind: write (``data`` at ``at``), cut (to a size of ``at``), sync, open or remove."""

    kind: str
    path: str
    at: int = 0
    data: bytes = b""


# Names are passed on as the addresses they came as: SQLite keeps them, and finds more behind their ends.
_OPEN = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_void_p, c.c_int, c.c_void_p)
_REMOVE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int)
_CLOSE = c.CFUNCTYPE(c.c_int, c.c_void_p)
_WRITE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int, c.c_int64)
_CUT = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int64)
_SYNC = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int)


class _Vfs(c.Structure):
    """``sqlite3_vfs`` of sqlite3.h, version 3."""

    _fields_ = (
        ("iVersion", c.c_int),
        ("szOsFile", c.c_int),
        ("mxPathname", c.c_int),
        ("pNext", c.c_void_p),
        ("zName", c.c_char_p),
        ("pAppData", c.c_void_p),
        ("xOpen", _OPEN),
        ("xDelete", _REMOVE),
        ("others", c.c_void_p * 14),
    )


class _Methods(c.Structure):
    """``sqlite3_io_methods`` of sqlite3.h, version 3."""

    _fields_ = (
        ("iVersion", c.c_int),
        ("xClose", _CLOSE),
        ("xRead", c.c_void_p),
        ("xWrite", _WRITE),
        ("xTruncate", _CUT),
        ("xSync", _SYNC),
        ("others", c.c_void_p * 13),
    )


class _File(c.Structure):
    _fields_ = (("methods", c.POINTER(_Methods)),)


_NAME = b"watched"
_KEPT: list[Any] = []
"""What C points at must not be collected."""


class _Layer:
    """The one layer of this process: SQLite keeps the address of it. ``watch`` is who is told now."""

    def __init__(self, library: Any) -> None:
        self.sqlite = library
        self.watch: Watch | None = None
        self.files: dict[int, tuple[str, int]] = {}
        self.methods: dict[int, _Methods] = {}
        library.sqlite3_vfs_find.restype = c.POINTER(_Vfs)
        self.below = library.sqlite3_vfs_find(None)
        self.vfs = _Vfs.from_buffer_copy(self.below.contents)
        self.vfs.zName = _NAME
        self.vfs.xOpen, self.vfs.xDelete = _OPEN(self._open), _REMOVE(self._remove)

    def _tell(self, act: Act) -> int:
        return self.watch(act) if self.watch else 0

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int) -> int:
        path = os.fsdecode(c.string_at(name)) if name else ""
        if error := self._tell(Act("open", path)):
            return error
        result = int(self.below.contents.xOpen(c.addressof(self.below.contents), name, file, flags, out))
        methods = c.cast(file, c.POINTER(_File)).contents
        if result == 0 and methods.methods:
            real = c.addressof(methods.methods.contents)
            self.files[file] = path, real
            methods.methods = c.pointer(self._methods(real))
        return result

    def _methods(self, real: int) -> _Methods:
        """The methods of a kind of file with ours among them; kept, for files point at them."""
        if real not in self.methods:
            made = _Methods.from_buffer_copy(_Methods.from_address(real))
            made.xClose, made.xWrite = _CLOSE(self._close), _WRITE(self._write)
            made.xTruncate, made.xSync = _CUT(self._cut), _SYNC(self._sync)
            self.methods[real] = made
        return self.methods[real]

    def _below(self, file: int) -> tuple[str, _Methods]:
        path, real = self.files[file]
        return path, _Methods.from_address(real)

    def _close(self, file: int) -> int:
        _, below = self._below(file)
        del self.files[file]
        return int(below.xClose(file))

    def _write(self, file: int, data: int, size: int, at: int) -> int:
        path, below = self._below(file)
        return self._tell(Act("write", path, at, c.string_at(data, size))) or int(
            below.xWrite(file, data, size, at)
        )

    def _cut(self, file: int, size: int) -> int:
        path, below = self._below(file)
        return self._tell(Act("cut", path, size)) or int(below.xTruncate(file, size))

    def _sync(self, file: int, flags: int) -> int:
        path, below = self._below(file)
        return self._tell(Act("sync", path)) or int(below.xSync(file, flags))

    def _remove(self, _: int, name: int, durable: int) -> int:
        return self._tell(Act("remove", os.fsdecode(c.string_at(name)), durable)) or int(
            self.below.contents.xDelete(c.addressof(self.below.contents), name, durable)
        )


def _library() -> Any:
    """The SQLite that Python's own module uses."""
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "libsqlite3" in line}
    for path in paths:
        library = c.CDLL(path)
        library.sqlite3_libversion.restype = c.c_char_p
        if library.sqlite3_libversion().decode() == sqlite3.sqlite_version:
            return library
    raise Unsupported("the SQLite of this Python is built into it, or this is not Linux")


def _layer() -> _Layer:
    if not _KEPT:
        try:
            _KEPT.append(_Layer(_library()))
        except OSError as error:
            raise Unsupported(str(error)) from None
    found: _Layer = _KEPT[0]
    return found


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """While this lasts, what SQLite does to the files it opens is told first. Raises Unsupported."""
    layer = _layer()
    layer.sqlite.sqlite3_vfs_register(c.byref(layer.vfs), 1)
    layer.watch = watch
    try:
        yield
    finally:
        layer.watch = None
        layer.sqlite.sqlite3_vfs_register(layer.below, 1)
