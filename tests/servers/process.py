"""The life of one server process: start, stop, restart, pause, crash, and never an orphan."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

import psutil

HOST = "127.0.0.1"
START_TIMEOUT = 30.0
STOP_TIMEOUT = 10.0
START_ATTEMPTS = 3
LOG_TAIL = 2000
STILL = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}


class ServerFailed(Exception):
    """A server could not be found, started or reached; the text says why."""


class Server(ABC):
    """A server on 127.0.0.1 with a free port and a folder of its own, which goes when the server is closed.

    The port and the folder stay the same over `stop` and `start`, so clients find the server again where it was.
    A second process watches this one: if it dies without closing the server, however that happens, the server goes too.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="permabots-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._reaper: subprocess.Popen[bytes] | None = None

    # Subclasses must implement

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find the server."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def ready(self) -> bool:
        """Return whether the server answers a client."""

    # Subclasses may override

    user: str | int | None = None
    environment: Mapping[str, str] = MappingProxyType({})
    """Variables of the server, beyond those of this process."""
    crash_signal = signal.SIGKILL
    stop_signal = signal.SIGINT

    def prepare(self) -> None:  # noqa: B027 - a server that needs no preparation says nothing
        """Fill the folder, once, before the first start."""

    # Subclasses need not override

    @property
    def pid(self) -> int:
        """The server's process id.

        Raises:
            ServerFailed: it is not running.
        """
        if self._process is None:
            raise ServerFailed(f"{type(self).__name__} is not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        """The file with the server's output."""
        return self.folder / "log"

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises:
            ServerFailed: it ended, or it did not answer in time.
        """
        if not self.log.exists():
            self.prepare()
        for _ in range(START_ATTEMPTS):
            self._spawn()
            if self._answers():
                return self
            self._end()
            if not self._port_taken():
                break
            self.port = free_port()
        raise ServerFailed(f"{self.command()[0]} did not start:\n{self.log.read_text()[-LOG_TAIL:]}")

    def stop(self) -> None:
        """Stop the server as its operator would. Stopping a stopped server does nothing."""
        if self._process is not None:
            self.resume()
            self._process.send_signal(self.stop_signal)
            self._end()

    def crash(self) -> None:
        """End the server with no chance to say goodbye."""
        self.resume()
        os.kill(self.pid, self.crash_signal)
        self._end()

    def restart(self) -> None:
        """Stop the server and start it again on the same port."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the server: connections stay open, nothing answers."""
        main = psutil.Process(self.pid)
        _freeze(main)  # first, so that it makes no more children
        for child in main.children(recursive=True):
            _freeze(child)

    def resume(self) -> None:
        """Let a frozen server go on."""
        main = psutil.Process(self.pid)
        for process in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def close(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except ServerFailed:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spawn(self) -> None:
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C is for the tests, which stop their servers in good order.
            self._process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                user=self.user,
                cwd="/",
                start_new_session=True,
                env={**os.environ, **self.environment},
            )
        self._reaper = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("reaper.py"), str(self.pid), self.folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={},  # it is no part of what is measured or tested, and starts faster so
        )

    def _answers(self) -> bool:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if self.ready():
                return True
            time.sleep(0.02)
        return False

    def _port_taken(self) -> bool:
        return "Address already in use" in self.log.read_text()

    def _end(self) -> None:
        process, self._process = self._process, None
        reaper, self._reaper = self._reaper, None
        if process is not None:
            _wait_or_kill(process)
        if reaper is not None:
            reaper.kill()
            _close(reaper.stdin)
            reaper.wait()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _freeze(process: psutil.Process) -> None:
    """Stop a process and wait until it has stopped: the signal takes a moment to arrive."""
    deadline = time.monotonic() + STOP_TIMEOUT
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        while process.status() not in STILL and time.monotonic() < deadline:
            time.sleep(0.001)


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        stream.close()
