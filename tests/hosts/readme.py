"""Following the README's first section to the letter: its commands in one shell, its lines in the files it names."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from demo.talkers import OnWeb, Shown

ROOT = Path(__file__).parents[2]
HEADING = "The first minutes: a bot that talks\n==="
SERVER = "python manage.py runserver"
ADDRESS = re.compile(r"Talk to it: (http://127\.0\.0\.1:8000(/\S+))")
SECONDS = 300.0
"""How long installing may take, and a server may take to start."""

_BLOCK = re.compile(r"^\.\. code-block:: (console|python)\n\n((?:(?:   .*)?\n)+)", re.MULTILINE)
_FILE = re.compile(r"# (\S+), at its end")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the README has a newcomer do.

    Args:
        text: a command, or lines for a file.
        file: the file, in the project; "" for a command.
    """

    text: str
    file: str = ""


def steps() -> list[Step]:
    """Return what the section has a newcomer do, in its order."""
    section = (ROOT / "README.rst").read_text().partition(HEADING)[2].partition("\n\n\n")[0] + "\n"
    found: list[Step] = []
    for kind, indented in _BLOCK.findall(section):
        text = textwrap.dedent(indented).strip("\n")
        if kind == "console":
            found += [Step(line.removeprefix("$ ")) for line in text.splitlines()]
        else:
            named = _FILE.match(text)
            assert named is not None, text
            found.append(Step(text + "\n", named[1]))
    return found


class Newcomer:
    """Somebody who follows the README in an empty folder.

    Args:
        folder: the folder.
        environment: of the shell.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.place = folder
        self.prelude = ""
        self.printed = ""

    def follow(self, step: Step) -> None:
        """Do one thing, unless it starts the server.

        Raises:
            AssertionError: a command failed.
        """
        if step.file:
            with (self.folder / "mysite" / step.file).open("a") as file:
                file.write(f"\n{step.text}")
        elif step.text.startswith("cd "):
            self.place = self.place / step.text.removeprefix("cd ")
        elif step.text.startswith(". "):
            self.prelude = f". {self.folder / step.text.removeprefix('. ')} && "
        else:
            self.printed = self._run(step.text)

    def _run(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-c", self.prelude + command],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def serving(self, port: int, log: Path) -> Iterator[str]:
        """Start the server, and end it by Ctrl-C; yield the address of the chat that was printed before.

        Args:
            port: where it is to listen.
            log: the file with what it prints.
        """
        printed = ADDRESS.search(self.printed)
        assert printed is not None, self.printed
        with log.open("w") as output:
            process = subprocess.Popen(
                ["/bin/bash", "-c", f"{self.prelude}exec {SERVER} 127.0.0.1:{port}"],
                cwd=self.place,
                env={**self.environment, "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_heed_interrupts,
            )
        try:
            site = f"http://127.0.0.1:{port}"
            _wait_for(site, process, log)
            yield site + printed[2]
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)


def talk(address: str, text: str) -> Shown:
    """Say something on the page as its script does, and return the answer."""
    person = OnWeb(address)
    person.says(text)
    return person.heard(1)[0]


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has programs in the background ignore it


def _wait_for(site: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            requests.get(site, timeout=30)
        except requests.ConnectionError:
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        else:
            return
