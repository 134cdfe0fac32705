"""Somebody who talks in a web chat over HTTP, as its page does."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests

from permabots.pipeline.web_chat.identity import sign
from tests.chaos.accounting.bot import read_answer
from tests.chaos.accounting.evidence import Key
from tests.chaos.accounting.script import Message

SLUG = "chaos"
SECRET = "a secret of the site"
PATIENCE = 10.0
"""Seconds for which a call is waited for."""
AGAIN = 0.3
"""Seconds after which what was not taken is sent again."""
BUSY, QUIET = 1.5, 3.0
"""Seconds between two polls, while something is to be answered and while nothing is."""
TAKEN, TOO_MANY = 202, 429


@dataclass
class Unsent:
    """A message that the page has not sent yet, or that was not taken.

    Args:
        message: which.
        id: what makes it one, however often it is sent.
        new_token: the token of a conversation that begins with it.
    """

    message: Message
    id: str = field(default_factory=lambda: str(uuid4()))
    new_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))


class Visitor(threading.Thread):
    """A person in a web chat: sends one message after another, each until it is taken, and polls from a cursor.

    Every second one is signed by the site; the others are anonymous.

    Args:
        url: of the chat, with a slash at its end.
        chat: the chat's number in the script.
        answered: notes that an answer was seen.
    """

    def __init__(self, url: str, chat: int, answered: Callable[[Key], None]) -> None:
        super().__init__(name=f"visitor {chat}", daemon=True)
        self.chat = chat
        self.seen: list[dict[str, Any]] = []
        """What the page shows, in the order in which it came."""
        self.seen_at: dict[int, float] = {}
        """The number of a message -> when it was seen, by `time.monotonic`."""
        self.wrong: list[str] = []
        """What the server said that it must never say."""
        self._url, self._answered = url, answered
        self._unsent: deque[Unsent] = deque()
        self._unanswered: set[int] = set()
        self._changed = threading.Event()
        self._over = threading.Event()
        self._token = ""
        self._http = requests.Session()
        self._http.headers["X-Forwarded-For"] = f"203.0.113.{chat % 250}"

    @property
    def is_idle(self) -> bool:
        """Whether everything that the person said was taken."""
        return not self._unsent

    def say(self, message: Message) -> None:
        """Have the person write a message."""
        self._unanswered.add(message.number)
        self._unsent.append(Unsent(message))
        self._changed.set()

    def run(self) -> None:
        while not self._over.is_set():
            self._changed.clear()
            while self._unsent and not self._over.is_set() and self._send(self._unsent[0]):
                self._unsent.popleft()
            self._read()
            self._changed.wait(AGAIN if self._unsent else BUSY if self._unanswered else QUIET)

    def leave(self, patience: float = PATIENCE) -> None:
        """Close the page, having read what there is to read."""
        self._over.set()
        self._changed.set()
        self.join()
        end = time.monotonic() + patience
        while self._token and not self._read() and time.monotonic() < end:
            time.sleep(AGAIN)

    def _send(self, unsent: Unsent) -> bool:
        """Send a message, and again where the answer is to be lost; returns whether it was taken."""
        numbers, known = set(), self._token
        for _ in range(1 + unsent.message.repeats):
            self._token = known  # where the answer is lost, so is the token that it has
            if (answer := self._post(unsent)) is None:
                return False
            self._token = answer.get("token", known)
            numbers.add(answer["number"])
        if len(numbers) > 1:
            self.wrong.append(f"{unsent.message.text!r} is in {sorted(numbers)}")
        return True

    def _post(self, unsent: Unsent) -> dict[str, Any] | None:
        body = {"id": unsent.id, "text": unsent.message.text, "page": "https://shop.example/"}
        if not self._token:
            body["new_token"] = unsent.new_token
        if self.chat % 2 and not self._token:
            body["identity"] = self._identity()
        answer = self._call("POST", body)
        if answer is None or answer.status_code >= 500:
            return None
        if answer.status_code == TOO_MANY:
            self._over.wait(float(answer.headers["Retry-After"]))
            return None
        if answer.status_code != TAKEN:
            self._refused(answer)
            return None
        return dict(answer.json())

    def _identity(self) -> str:
        person = {"id": str(self.chat), "name": f"person {self.chat}", "exp": int(time.time()) + 3600}
        return sign(SLUG, SECRET, json.dumps(person).encode())

    def _read(self) -> bool:
        """Read what has come since; returns whether all of it was read."""
        if not self._token:
            return False
        last = self.seen[-1]["number"] if self.seen else 0
        answer = self._call("GET", after=last, waiting=1)
        if answer is None or answer.status_code not in {200, 204}:
            if answer is not None and answer.status_code < 500 and answer.status_code != TOO_MANY:
                self._refused(answer)
            return False
        messages = answer.json()["messages"] if answer.status_code == 200 else []
        for message in messages:
            self._see(message)
        return not messages

    def _see(self, message: dict[str, Any]) -> None:
        self.seen.append(message)
        self.seen_at[message["number"]] = time.monotonic()
        if (answer := read_answer(text_of(message))) is not None and message["author"] == "bot":
            self._unanswered.discard(answer.number)
            self._answered((answer.chat, answer.number))

    def _call(self, method: str, body: Any = None, **query: int) -> requests.Response | None:
        """Make a call; None where there is no answer."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        where = f"{self._url}messages/"
        try:
            return self._http.request(method, where, json=body, params=query, headers=headers, timeout=PATIENCE)
        except requests.RequestException:
            return None

    def _refused(self, answer: requests.Response) -> None:
        self.wrong.append(f"{answer.request.method}: {answer.status_code} {answer.text[:100]}")


def text_of(message: dict[str, Any]) -> str:
    """Return the text of a message as the page gets it."""
    return str(message.get("text") or "".join(run["text"] for run in message.get("runs", ())))
