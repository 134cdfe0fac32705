"""The demo project, or another, as processes of its own: web server, workers, commands. For demo, tests, benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

ROOT = Path(__file__).parent.parent
STOP_SECONDS = 20.0


class SiteError(Exception):
    """A process of the site did not start or ended badly; the message holds the end of what it printed."""


@dataclass
class Running:
    """A process, in a session of its own so that all it started can be ended with it.

    Args:
        name: for people.
        process: the process.
        log: the file with what it prints.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait_for_log(self, text: str, timeout: float) -> None:
        """Wait until it has printed ``text``.

        Raises:
            SiteError: it ended, or did not print it in time.
        """
        end = time.monotonic() + timeout
        while text not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > end:
                raise SiteError(f"{self.name} did not get ready:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it and everything it started at once, as a power cut would."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end; after `STOP_SECONDS` make it."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()


@dataclass
class Site:
    """One installation of the demo project, or of another with the same modules.

    Args:
        folder: where its files and logs are.
        environment: variables for its processes, beyond this process's own.
        port: of its web server; 0 for any free one.
        tree: the checkout whose project it is.
        python: the interpreter of its processes.
        project: the project's package.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    tree: Path = ROOT
    python: str = sys.executable
    project: str = "demo"
    running: list[Running] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its web server answers."""
        return f"http://127.0.0.1:{self.port}"

    def variables(self) -> dict[str, str]:
        """Return the whole environment of its processes."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": f"{self.project}.settings",
            "PERMABOTS_DEMO_STATE": str(self.folder),
            "PERMABOTS_WEBHOOK_DOMAIN": self.url,
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it printed.

        Raises:
            SiteError: it failed.
        """
        done = subprocess.run(  # noqa: S603 - our own commands
            [self.python, "-m", f"{self.project}.manage", *arguments],
            cwd=self.tree,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SiteError(f"manage {' '.join(arguments)} failed:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
        return done.stdout

    def start_web(self, threads: int = 4, processes: int = 1) -> Running:
        """Start the web server, of so many processes with so many threads each, and wait until it answers."""
        web = self._start(
            "web",
            *(self.python, "-m", "gunicorn", f"{self.project}.wsgi:application"),
            *("--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", "gthread", "--threads", str(threads), "--workers", str(processes)),
            *("--keep-alive", "30", "--log-level", "warning", "--graceful-timeout", "3"),
        )
        end = time.monotonic() + 30
        while not self._answers():
            if web.process.poll() is not None or time.monotonic() > end:
                raise SiteError(f"web did not get ready:\n{web.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)
        return web

    def start_worker(self, name: str = "worker", *, pool: str = "prefork", concurrency: int = 1) -> Running:
        """Start a Celery worker and wait until it takes tasks; its log says so, unless ``LOG_LEVEL`` keeps that out."""
        worker = self.launch_worker(name, pool=pool, concurrency=concurrency)
        worker.wait_for_log(" ready.", 60)
        return worker

    def launch_worker(
        self, name: str = "worker", *, pool: str = "prefork", concurrency: int = 1, prefix: Sequence[str] = ()
    ) -> Running:
        """Start a Celery worker, without waiting; ``prefix`` is a program that starts it, with its arguments."""
        return self._start(
            name,
            *prefix,
            *(self.python, "-m", "celery", "-A", self.project, "worker", "--hostname", f"{name}@permabots"),
            *("--pool", pool, "--concurrency", str(concurrency), "--loglevel", "INFO", "--without-gossip"),
            *("--without-mingle", "--without-heartbeat"),
        )

    def stop(self) -> None:
        """End all its processes: each is asked at once, then waited for."""
        for running in self.running:
            running.signal(signal.SIGTERM)
        while self.running:
            self.running.pop().stop()

    def kill(self) -> None:
        """End all its processes at once, whatever they are doing."""
        while self.running:
            self.running.pop().kill()

    def _start(self, name: str, *command: str) -> Running:
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=self.tree,
                env={"LOG_LEVEL": "INFO", **self.variables()},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(Running(name, process, log))
        return self.running[-1]

    def _answers(self) -> bool:
        """Whether the project itself answers: the socket is open before it is loaded."""
        try:
            return requests.get(f"{self.url}/processing/", timeout=30).status_code == 404
        except requests.ConnectionError:
            return False


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of this machine."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
