"""What the other author and the people who write to their bot wait, with attacks or without."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import count, cycle

import requests

from benchmarks.installation import AtWork
from benchmarks.load.client import LoadFailed
from benchmarks.neighbours.authors import Authors
from benchmarks.neighbours.order import Done, Order
from benchmarks.outages.result import percentile
from demo.site import ROOT
from permabots.testing import text_update

RATE = 2.0
"""Messages a second to the bot that is measured, and calls of the API by its author."""
LEAD = 2.0
"""Seconds of an attack before anything is measured."""
CHATS = 10
WARM_UP = 16
POSTERS = 64
AGAIN = 0.5
"""Seconds after which a message that was not taken is posted again."""
PATIENCE = 60.0
"""Seconds that an answer is waited for, and a call of the API."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Args:
        api: seconds that each call of the API took.
        answers: seconds from each message to its answer.
        failed: calls of the API that were answered with 500 or more, or not at all.
        lost: messages that were not answered in time.
        done: what became of each attack.
    """

    api: list[float]
    answers: list[float]
    failed: int
    lost: int
    done: list[Done] = field(default_factory=list)

    @property
    def api_p95(self) -> float:
        """Milliseconds that 95 of 100 calls took at most."""
        return percentile(self.api, 0.95) * 1000

    @property
    def answer_p95(self) -> float:
        """Milliseconds that 95 of 100 people waited at most."""
        return percentile(self.answers, 0.95) * 1000

    @property
    def calls(self) -> int:
        """Calls of the attacker."""
        return sum(one.calls for one in self.done)

    @property
    def refused(self) -> int:
        """Those that were refused."""
        return sum(one.refused for one in self.done)

    @property
    def unavailable(self) -> int:
        """Those that were answered with 503."""
        return sum(one.statuses.get("503", 0) for one in self.done)

    @property
    def other(self) -> int:
        """Those that were answered with another error, or not at all."""
        errors = (
            number for one in self.done for status, number in one.statuses.items() if not 200 <= int(status) < 300
        )
        return sum(errors) - self.refused - self.unavailable

    @property
    def cpu_percent(self) -> float:
        """The part of a core that the attacker's processes took, in percent."""
        return sum(100 * one.cpu / one.seconds for one in self.done if one.seconds)


def measured(authors: Authors, work: AtWork, attacks: Sequence[str], seconds: float) -> Seen:
    """Attack, and measure meanwhile."""
    first = _posted(authors, WARM_UP, rate=0.0)  # the first messages of a process are slower, as are the first calls
    _calls(authors, threading.Event(), least=WARM_UP)
    _answers(authors, first)
    ended = threading.Event()
    with ThreadPoolExecutor(len(attacks) + 1) as pool:
        orders = [authors.order(attack, LEAD + seconds) for attack in attacks]
        attacking = [pool.submit(_attack, order) for order in orders]
        time.sleep(LEAD)
        calling = pool.submit(_calls, authors, ended)
        due = _posted(authors, int(RATE * seconds), rate=RATE)
        ended.set()
        api, failed = calling.result()
        done = [one.result() for one in attacking]
    answers = _answers(authors, due)
    return Seen(api, answers, failed, len(due) - len(answers), done)


def _attack(order: Order) -> Done:
    """Have an attack made by a process of its own.

    Raises:
        LoadFailed: it ended badly.
    """
    command = [sys.executable, "-m", "benchmarks.neighbours.attacker"]
    asked = json.dumps(asdict(order))
    ran = subprocess.run(  # noqa: S603 - our own program
        command, input=asked, capture_output=True, cwd=ROOT, text=True, check=False
    )
    if ran.returncode:
        raise LoadFailed(ran.stderr[-2000:])
    return Done(**json.loads(ran.stdout))


_numbers = count(1)


def _posted(authors: Authors, messages: int, *, rate: float) -> dict[str, float]:
    """Have people write to the bot that is measured, so many times a second; 0 for all at once.

    As Telegram does, a message is posted again until it is taken.

    Returns:
        The moment at which each message was due, by the text of its answer.
    """
    began, due = time.monotonic(), dict[str, float]()
    with ThreadPoolExecutor(POSTERS) as pool:
        for place in range(messages):
            moment = began + (place / rate if rate else 0.0)
            time.sleep(max(0.0, moment - time.monotonic()))
            number = next(_numbers)
            due[str(number)] = moment
            pool.submit(_post, authors, number, moment + PATIENCE)
    return due


def _post(authors: Authors, number: int, end: float) -> None:
    bot = authors.victim
    update = text_update(number, 500_000 + number % CHATS, f"echo {number}", message_id=number)
    headers = {"X-Telegram-Bot-Api-Secret-Token": bot.secret}
    while (left := end - time.monotonic()) > 0:
        try:
            if requests.post(authors.url + bot.path, json=update, headers=headers, timeout=left).ok:
                return
        except requests.RequestException:
            pass  # as any other refusal: it is tried again
        time.sleep(AGAIN)


def _answers(authors: Authors, wanted: dict[str, float]) -> list[float]:
    """Wait for the answers; returns how long each took."""
    bot, end = int(authors.victim.token.partition(":")[0]), time.monotonic() + PATIENCE
    while True:
        came: dict[str, float] = {}
        for sent in authors.site.servers.telegram.sent():
            if sent.text in wanted and int(str(sent.bot).partition(":")[0]) == bot:
                came.setdefault(sent.text, sent.monotonic)
        if len(came) == len(wanted) or time.monotonic() > end:
            return [came[text] - moment for text, moment in wanted.items() if text in came]
        time.sleep(0.5)


def _calls(authors: Authors, ended: threading.Event, least: int = 0) -> tuple[list[float], int]:
    """Call the API so often a second until told to end, at least so often at once; returns what each call took."""
    bot = f"{authors.url}/api/v1/bots/{authors.victim.id}/"
    variable = {"key": "greeting", "value": "hello"}
    asked = cycle(
        [("GET", "handlers/", None), ("POST", "env/", variable), ("GET", "messages/", None), ("GET", "", None)]
    )
    took, failed, began = list[float](), 0, time.monotonic()
    with requests.Session() as http:
        http.headers["Authorization"] = f"Token {authors.site.key}"
        for place, (method, where, body) in enumerate(asked):
            due = began + place / RATE if not least else time.monotonic()
            if (least and place >= least) or ended.wait(max(0.0, due - time.monotonic())):
                return took, failed
            try:
                status = http.request(method, bot + where, json=body, timeout=PATIENCE).status_code
            except requests.RequestException:
                status = 599
            took.append(time.monotonic() - due)
            failed += status >= 500 or status == 429
    raise AssertionError("the cycle does not end")
