"""``make demo SERVE=1`` as a process, and a person who follows what it prints."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import psutil
import requests

from demo.site import ROOT

LINK = re.compile(r"(?<!POST )(?<!' )http://127\.0\.0\.1:\d+/\S*")
"""A link that is printed to be opened: not where something is posted to."""
ASSET = re.compile(r"(?:href|src)=\"(/static/[^\"]+)\"")


def environment(state: Path, **values: str) -> dict[str, str]:
    """Return an environment in which nothing is set but what a test wants; the demo is not measured: it takes long."""
    others = ("PERMABOTS_", "DJANGO_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "PERMABOTS_DEMO_STATE": str(state), **values}


def processes(state: Path) -> list[psutil.Process]:
    """Return the processes whose files are in a demo's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PERMABOTS_DEMO_STATE") == str(state):
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue  # somebody else's, or gone
    return found


@dataclass
class Demo:
    """A demo that is running.

    Args:
        process: its process.
        state: the folder of its files.
        printed: all that it has printed.
    """

    process: subprocess.Popen[str]
    state: Path
    printed: str
    http: requests.Session = field(default_factory=requests.Session)

    @property
    def links(self) -> list[str]:
        """The addresses that are printed at the end, to be opened."""
        return LINK.findall(self.printed.partition("Talk to the bot")[2])

    def link(self, name: str) -> str:
        """Return the address beside a name."""
        return next(line.split()[-1] for line in self.printed.splitlines() if line.strip().startswith(f"{name}  "))

    def read(self, url: str) -> str:
        """Open a page that must be there."""
        answer = self.http.get(url, timeout=30)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer.text

    def log_in(self) -> None:
        """Go to the bot's page, and log in with what is printed."""
        found = re.search(r'log in as "(\w+)" with the password (\S+)', self.printed)
        assert found is not None
        page = self.http.get(self.link("The bot"), timeout=30)
        name, password = found.groups()
        sent = {"username": name, "password": password, "csrfmiddlewaretoken": token_in(page.text)}
        answer = self.http.post(page.url, sent, headers={"Referer": page.url}, timeout=30)
        assert answer.url == self.link("The bot"), answer.text

    def assets(self, url: str) -> dict[str, str]:
        """Return the style and script of a page, each with the type that it is served as."""
        found = {}
        for path in ASSET.findall(self.read(url)):
            answer = self.http.get(urljoin(url, path), timeout=30)
            assert answer.status_code == 200, path
            found[path] = answer.headers["Content-Type"].partition(";")[0]
        return found

    def say(self, text: str) -> Any:
        """Say something in the playground, as its script does."""
        url = self.link("Playground")
        source = self.read(url)
        where = re.search(r'data-say="([^"]+)"', source)
        assert where is not None
        body = {"service": "telegram", "session": "", "state": "", "text": text, "kind": "text", "response": None}
        headers = {"X-CSRFToken": token_in(source), "Referer": url}
        return self.http.post(urljoin(url, where.group(1)), json=body, headers=headers, timeout=30).json()

    def make_bot(self, name: str) -> str:
        """Make a bot in the admin; returns its id."""
        url = self.link("The bot").rpartition("/bot/")[0] + "/bot/add/"
        page = self.read(url)
        owner = re.search(r'name="owner" value="(\d+)"', page)
        assert owner is not None
        sent = {"name": name, "owner": owner.group(1), "csrfmiddlewaretoken": token_in(page)}
        answer = self.http.post(url, sent, headers={"Referer": url}, timeout=30)
        return answer.url.removesuffix("/change/").rpartition("/")[2]

    def interrupt(self) -> str:
        """Press Ctrl-C; returns what is printed then."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        return rest


def token_in(source: str) -> str:
    """Return the CSRF token of a page."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', source)
    assert found is not None, source
    return found.group(1)


def host(url: str) -> str:
    return urlsplit(url).netloc


@contextmanager
def interruptible() -> Iterator[None]:
    """Have programs that are started meanwhile heed Ctrl-C, though tests in the background are told not to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def serving(state: Path, **values: str) -> Iterator[Demo]:
    """Run the demo until it says how to end it; whatever is left of it afterwards is ended."""
    command = [sys.executable, "-m", "demo"]
    env = environment(state, SERVE="1", PORT="0", **values)
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    try:
        with interruptible():
            process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, **pipes)
        with process:
            try:
                yield Demo(process, state, read_on(process))
            finally:
                process.terminate()
    finally:
        for left in processes(state):
            left.kill()


def read_on(process: subprocess.Popen[str]) -> str:
    """Return what a demo prints until it says how to end it."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C ends it." in line:
            return printed
    raise AssertionError(printed)
