"""What rooms have in common: saving, posting, waiting, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from tests.attacks.entries import Entry
from tests.attacks.evaluator import texts_in
from tests.attacks.hanging import PATIENCE, Hung
from tests.attacks.house import House
from tests.attacks.measuring import ProcessDied, Watch, is_alive
from tests.attacks.verdict import OUTSIDE, Seen

_UNFINISHED = {"pending", "started"}


def kept(house: House, path: str, body: Any) -> requests.Response:
    """Save something, and remember to take it away."""
    answer = house.author.post(path, body)
    if answer.status_code == 201:
        house.saved.append(f"{path}{answer.json()['id']}/")
    return answer


def posted(house: House, saved: requests.Response, entry: Entry) -> requests.Response:
    return house.author.post(f"/processing/hook/{saved.json()['key']}/", entry.data.encode() or b"{}")


def refusal(answer: requests.Response) -> Seen:
    words = tuple(texts_in(answer.json())) if answer.status_code < 500 else (answer.text,)
    if answer.status_code >= 500:
        return Seen(f"HTTP {answer.status_code}", told=words, unforeseen=True)
    return Seen(f"refused: {' '.join(words)}", told=words)


def seen_of(
    house: House, trace: dict[str, Any], problem: str, left: tuple[str, ...], *, unforeseen: bool = False
) -> Seen:
    calls = [text for request in house.api.requests for text in _texts_of(request)]
    calls += [OUTSIDE + request.target for request in house.elsewhere.requests]
    told = (*texts_in(trace), problem)
    return Seen(_words(trace, problem, bool(left)), (*left, *calls), told, unforeseen)


def _words(trace: dict[str, Any], problem: str, answered: bool) -> str:
    """Return what became of it, in a few words."""
    if error := trace.get("error"):
        return f"error: {error.get('where')}: {error['message']}"
    if problem:
        return f"given up: {problem}"
    silent = trace.get("request", {}).get("error")
    return ("answered" if answered else "empty") + (f", no request: {silent}" if silent else "")


def _texts_of(request: Any) -> list[str]:
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    return [f"{request.method} {request.target}", *lines, request.text]


def finished(house: House, path: str, watch: Watch) -> Any:
    """Return the newest row of a list, once nothing of it is left to be done."""

    def looked() -> Any:
        rows = house.author.get(path).json()["results"]
        return (
            rows[0]
            if rows and not {rows[0]["status"], *(call["status"] for call in rows[0]["outbound"])} & _UNFINISHED
            else None
        )

    return _wait(looked, watch)


def _wait(look: Callable[[], Any], watch: Watch) -> Any:
    end, pause = time.monotonic() + PATIENCE, 0.01
    while not (found := look()):
        if not is_alive(watch.pid):
            raise ProcessDied("while it answered")
        if time.monotonic() > end:
            raise Hung
        time.sleep(pause)
        pause = min(0.1, pause * 1.3)
    return found
