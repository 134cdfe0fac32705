"""Servers that a host project may have and the tests of permabots do without: Debian's own, each in its own folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg

from tests.servers import Postgres, Server, ServerFailed
from tests.servers.process import HOST, free_port

USER = "nobody" if os.geteuid() == 0 else None
FOLDERS = (*os.get_exec_path(), "/usr/sbin")


class DebianServer(Server):
    """A server of the operating system's.

    Attributes:
        PROGRAM: what runs it.
        PACKAGE: Debian's package with it.
    """

    PROGRAM: str
    PACKAGE: str
    stop_signal = signal.SIGTERM

    @classmethod
    def why_not(cls) -> str:
        """Say why it cannot run here, "" where it can."""
        return "" if find(cls.PROGRAM) else f"no {cls.PROGRAM} here: apt-get install {cls.PACKAGE}"

    def prepare(self) -> None:
        if USER is not None:
            shutil.chown(self.folder, USER)

    def ready(self) -> bool:
        """Whether it accepts a connection."""
        with closing(socket.socket()) as probe:
            probe.settimeout(2.0)
            return probe.connect_ex((HOST, self.port)) == 0


def find(program: str) -> str:
    """Return the path of a program, "" for none; ``sbin`` is not on everybody's PATH."""
    return shutil.which(program, path=os.pathsep.join(FOLDERS)) or ""


class PgBouncer(DebianServer):
    """PgBouncer before a PostgreSQL of its own: three connections there, of which each transaction gets one.

    The role has the limits that docs/installation.rst gives it.
    """

    PROGRAM = PACKAGE = "pgbouncer"
    user = USER
    SETTINGS: Mapping[str, str] = {
        "listen_addr": HOST,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": "3",
        "max_client_conn": "100",
    }

    def __init__(self) -> None:
        super().__init__()
        self.postgres = Postgres()

    @property
    def url(self) -> str:
        return f"postgres://{HOST}:{self.port}/postgres"

    def prepare(self) -> None:
        super().prepare()
        self.postgres.start()
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres SET lock_timeout = '5s'")
        settings = {**self.SETTINGS, "listen_port": str(self.port)}
        lines = [f"[databases]\n* = host={HOST} port={self.postgres.port} user=postgres", "[pgbouncer]"]
        lines += [f"{key} = {value}" for key, value in settings.items()]
        self._file.write_text("\n".join(lines) + "\n")

    @property
    def _file(self) -> Path:
        return self.folder / "pgbouncer.ini"

    def command(self) -> list[str]:
        return [find(self.PROGRAM), str(self._file)]

    def close(self) -> None:
        super().close()
        self.postgres.close()


class MariaDb(DebianServer):
    """MariaDB with an empty database ``host``, whose user ``host`` needs no password."""

    PROGRAM = "mariadbd"
    PACKAGE = "mariadb-server"
    user = USER
    INIT = (
        "CREATE DATABASE IF NOT EXISTS host CHARACTER SET utf8mb4;"
        "CREATE USER IF NOT EXISTS host@127.0.0.1 IDENTIFIED BY '';"
        "GRANT ALL ON *.* TO host@127.0.0.1;"
    )

    @property
    def url(self) -> str:
        return f"mysql://host@{HOST}:{self.port}/host"

    def prepare(self) -> None:
        super().prepare()
        command = [find("mariadb-install-db"), "--no-defaults", f"--datadir={self._data}"]
        done = subprocess.run(
            [*command, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"],
            user=self.user,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerFailed(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")
        (self.folder / "init.sql").write_text(self.INIT.replace(";", ";\n"))
        (self.folder / "init.sql").chmod(0o644)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str]:
        options = {
            "datadir": self._data,
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "init-file": self.folder / "init.sql",
            "bind-address": HOST,
            "port": self.port,
            "innodb-flush-log-at-trx-commit": 0,
            "innodb-lock-wait-timeout": 5,
        }
        words = [f"--{key}={value}" for key, value in options.items()]
        return [find(self.PROGRAM), "--no-defaults", "--skip-name-resolve", *words]


class Epmd(DebianServer):
    """What Erlang's programs find each other by; RabbitMQ would start one that outlives it."""

    PROGRAM = "epmd"
    PACKAGE = "erlang-base"

    @property
    def url(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self) -> None:
        """It writes nothing."""

    def command(self) -> list[str]:
        return [find(self.PROGRAM), "-address", HOST, "-port", str(self.port)]


class RabbitMq(DebianServer):
    """RabbitMQ, whose user ``guest`` has everything."""

    PROGRAM = PACKAGE = "rabbitmq-server"
    user = USER

    def __init__(self) -> None:
        super().__init__()
        self.epmd = Epmd()
        self._distribution = free_port()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{HOST}:{self.port}//"

    def prepare(self) -> None:
        super().prepare()
        self.epmd.start()
        (self.folder / "plugins").write_text("[].\n")
        self.environment = {
            "HOME": str(self.folder),
            "RABBITMQ_HOME": str(_program().parents[1]),
            "RABBITMQ_NODENAME": f"permabots{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_ALLOW_INPUT": "1",  # no shell around it that would have to pass signals on
            "ERL_EPMD_PORT": str(self.epmd.port),
            "ERL_EPMD_ADDRESS": HOST,
        }

    def command(self) -> list[str]:
        return [str(_program()), "-noinput"]

    def close(self) -> None:
        super().close()
        self.epmd.close()


def _program() -> Path:
    """Return the script that Debian's own calls as another user."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    return found[-1] if found else Path("/nowhere/sbin/rabbitmq-server")
