"""Brings the tables of a store to this version, forward only. Alembic is loaded only if there is work for it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from dragoman.store.backends import Backend

FOLDER = Path(__file__).parent / "migrations"
HEAD = "0006"
"""The newest of ``migrations/versions``."""
VERSION_TABLE = "alembic_version"
_LOCK = 0x0D4A60


class UnknownVersion(Exception):
    """The store was made by a later Dragoman."""


def upgrade(backend: Backend) -> None:
    """Bring a store to HEAD in one transaction: it is of the old version or of the new, never between.

    Raises UnknownVersion where it is of a version that this Dragoman does not know.
    """
    with backend.asking.connect() as connection:
        if version(connection) == HEAD:
            return
    with backend.writing.begin() as connection:
        if backend.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        if version(connection) != HEAD:  # another may have done it while we waited
            _run(connection, HEAD)


def version(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    if VERSION_TABLE not in inspect(connection).get_table_names():
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return None if found is None else str(found)


def _run(connection: Connection, target: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    now = version(connection)
    if now is not None and now not in known:
        raise UnknownVersion(
            f"the store is of version {now}, this Dragoman knows up to {HEAD}; upgrade Dragoman"
        )
    steps = EnvironmentContext(config, script, fn=lambda at, _: script._upgrade_revs(target, at))
    try:
        with steps:
            steps.configure(connection=connection, version_table=VERSION_TABLE)
            steps.run_migrations()
    except CommandError as error:
        raise UnknownVersion(str(error)) from error
