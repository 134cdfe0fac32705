"""Stand-in servers as processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from argparse import ArgumentParser
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


def messenger_options(description: str, whose: str, webhook_timeout: float) -> ArgumentParser:
    """Return a parser of the options that all stand-in messengers have, named as arguments of their servers.

    Args:
        description: of the program.
        whose: the messenger, in the possessive.
        webhook_timeout: seconds that it waits for a webhook.
    """
    parser = ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="0 for a free one; the URL is the first line printed")
    parser.add_argument("--deliver-to", default="", help="scheme, host and port in place of every webhook's own")
    parser.add_argument("--time-scale", type=float, default=1.0, help=f"real seconds in one second of {whose}")
    parser.add_argument(
        "--webhook-timeout", type=float, default=webhook_timeout, help="real seconds to wait for a webhook"
    )
    parser.add_argument("--seed", type=int, default=0, help="of every draw")
    return parser


def take_anybody(parser: ArgumentParser) -> None:
    """Add the option that turns ``check_people`` off."""
    about = "take messages to people who never wrote"
    parser.add_argument("--anybody", action="store_false", dest="check_people", help=about)


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
