"""Files of a corpus: read from anywhere, written so that they are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import ENOLCK, ENOSYS, ENOTSUP
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO, cast

from dragoman.errors import DragomanError

ASIDE = ".aside"
"""Where files wait until they are whole."""


def is_address(name: str) -> bool:
    """Whether a source is named by an address (``s3://…``) rather than a path."""
    return "://" in name


def open_file(path: str) -> BinaryIO:
    """A file at a path or address, to read from anywhere in it. Raises OSError; DragomanError without fsspec."""
    if not is_address(path):
        return open(path, "rb")
    return cast(BinaryIO, _fsspec().open(path, "rb").open())


def size(path: str) -> int:
    """Bytes of a file at a path or address. Raises DragomanError where it cannot be told."""
    try:
        if is_address(path):
            system, inside = _fsspec().core.url_to_fs(path)
            return int(system.size(inside))
        return os.path.getsize(path)
    except OSError as error:
        raise DragomanError(f"cannot be read: {error.strerror or error}", document=path) from None


def list_files(address: str) -> Iterator[str]:
    """The files at an address, or below it, or that fit its wildcards, in order."""
    system, path = _fsspec().core.url_to_fs(address)
    found = system.glob(path) if "*" in path else [path]
    for each in found:
        below = sorted(system.find(each)) if system.isdir(each) else [each]
        yield from (system.unstrip_protocol(file) for file in below)


def _fsspec() -> Any:
    try:
        import fsspec
        import fsspec.core
    except ModuleNotFoundError:
        raise DragomanError("addresses need fsspec: pip install 'dragoman[corpus]'") from None
    return fsspec


def put_bytes(path: Path, data: bytes) -> None:
    """Write a file aside, sync it and rename it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with open(aside, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync(path.parent)


def publish(paths: Iterable[Path], aside: Path, folder: Path) -> None:
    """Sync files below ``aside`` and move each to the same place below ``folder``. Raises OSError if one is gone."""
    parents = set()
    for path in paths:
        sync(path)
        target = folder / path.relative_to(aside)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        parents.add(target.parent)
    for parent in sorted(parents):
        sync(parent)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other drivers out of a folder for as long as this process lives. Raises DragomanError if there is one.

    Where the system or the file system knows no locks (Windows, some that are shared), nobody is kept out.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        yield
        return
    with open(folder / ".lock", "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DragomanError("another run is at work in this folder", document=str(folder)) from None
        except OSError as error:
            if error.errno not in {ENOSYS, ENOLCK, ENOTSUP}:
                raise
        yield


def sync(path: Path) -> None:
    """Have a file or a folder reach the disk; folders cannot be synced everywhere."""
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()
