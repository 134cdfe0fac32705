"""What the open chats are asked to do, what they tell afterwards, and starting them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from benchmarks.load.client import LoadFailed
from demo.site import ROOT

TOKEN = "bench-"  # noqa: S105 - of people who are made up
"""What the token of each person begins with; their number follows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Open chats.

    Args:
        port: of the web server on this machine.
        path: of the messages of the chat.
        people: how many, each with a connection that is kept open.
        every: seconds between two polls of one person; their moments are spread evenly.
        seconds: how long.
        after: the number of the message that everybody has seen last.
    """

    port: int
    path: str
    people: int
    every: float
    seconds: float
    after: int


@dataclass(frozen=True, slots=True)
class Polled:
    """What was seen.

    Args:
        took: seconds that each poll took, from the moment when it was due.
        refused: how many were not answered 204.
        reopened: how often a connection had been closed and was opened again.
    """

    took: list[float]
    refused: int
    reopened: int


@dataclass(slots=True)
class Polling:
    """Polls that go on.

    Args:
        process: that makes them.
        told: what it has told; it is complete at the end of `polling`.
    """

    process: subprocess.Popen[str]
    told: list[Polled] = field(default_factory=list)


@contextmanager
def polling(plan: Plan) -> Iterator[Polling]:
    """Have people keep their chats open; at the end it waits until their time is over.

    Raises:
        LoadFailed: they could not poll.
    """
    command = [sys.executable, "-m", "benchmarks.web_chats"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        found = Polling(process)
        try:
            if process.stdin is None:
                raise LoadFailed("there is nobody to tell the plan")
            process.stdin.write(json.dumps(asdict(plan)))
            process.stdin.close()
            process.stdin = None
            yield found
            printed, errors = process.communicate()
        finally:
            process.kill()
        if process.returncode or not printed:
            raise LoadFailed(errors[-2000:])
        found.told.append(Polled(**json.loads(printed)))
