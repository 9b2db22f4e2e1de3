"""A PostgreSQL server for the tests: its own folder, a socket only, gone with the session."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USER = "postgres"


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, on the path or where Debian puts them."""
    found = shutil.which("initdb")
    folders = [os.path.dirname(os.path.realpath(found))] if found else []
    folders += sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    return next((Path(f) for f in folders if (Path(f) / "pg_ctl").exists()), None)


class Server:
    """A running server. ``url(name)`` is the address of a new, empty database."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self._databases = 0

    def url(self) -> str:
        self._databases += 1
        name = f"d{self._databases}"
        self._run("createdb", "-h", str(self.folder), "-U", _USER, name)
        return f"postgresql://{_USER}@/{name}?host={self.folder}"

    def control(self, *words: str) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-s", "-o", options, *words, quiet=True)

    def version(self) -> str:
        return (self.folder / "data" / "PG_VERSION").read_text().strip()

    def _run(self, program: str, *words: str, quiet: bool = False) -> None:
        _as_user([str(self.programs / program), *words], self.folder, quiet=quiet)


def _as_user(command: list[str], folder: Path, *, quiet: bool = False) -> None:
    """PostgreSQL does not run as root; as root we are somebody else."""
    user = _USER if os.geteuid() == 0 else None
    out = subprocess.DEVNULL if quiet else subprocess.PIPE
    done = subprocess.run(command, user=user, cwd=folder, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {(done.stdout or b'').decode()}")


@contextmanager
def running_server() -> Iterator[Server | None]:
    """A server that runs until the end; None where PostgreSQL is not installed."""
    programs = find_programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="dragoman-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        _as_user(
            [str(programs / "initdb"), "-D", "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync"],
            folder,
        )
        server = Server(programs, folder)
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
