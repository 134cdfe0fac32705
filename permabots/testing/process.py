"""Stand-in servers as processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from permabots.testing.server import StandInServer


def serve(server: StandInServer) -> None:
    """Run a server until SIGTERM or SIGINT; its URL is the first line on standard output."""
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        done.wait()


@contextmanager
def running(module: str, *arguments: str) -> Iterator[str]:
    """Run ``python -m <module> <arguments>`` and give its URL; SIGTERM ends it.

    Args:
        module: as ``permabots.testing.telegram``: one of those, ``messenger``, ``kik`` and ``user_api``.
        arguments: of its command line; the port is a free one where they name none.

    Raises:
        RuntimeError: it ended instead of serving.
    """
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (our own modules)
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                raise RuntimeError(f"{module} did not start")
            yield url
        finally:
            process.terminate()
            process.wait()
