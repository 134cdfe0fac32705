"""Templates: saved in a handler or a hook by an author, tried by ``simulate``, answered with by a worker."""

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

KINDS = ("text", "keyboard", "url", "parameter", "header", "data", "hook-text", "hook-keyboard")
_UNFINISHED = {"pending", "started"}


class Templates:
    """The room of templates."""

    def in_web(self, house: House, entry: Entry, watch: Watch) -> Seen:
        with watch.step():
            saved = _save(house, entry)
        if saved.status_code != 201:
            return _refusal(saved)
        if entry.kind.startswith("hook"):
            with watch.step():
                posted = _posted(house, saved, entry)
            return Seen("saved") if posted.status_code == 200 else _refusal(posted)
        with watch.step():
            answer = house.author.post(f"{house.bot}simulate/", {"service": "telegram", "text": entry.message})
        if answer.status_code != 200:
            return _refusal(answer)
        found = answer.json()
        left = texts_in([found["texts"], found["keyboard"], found["payloads"]])
        return _seen(house, found["trace"], "", tuple(left))

    def in_worker(self, house: House, entry: Entry, watch: Watch) -> Seen | None:
        saved = _save(house, entry)
        if saved.status_code != 201:
            return None
        answer = self._told if entry.kind.startswith("hook") else self._said
        row = answer(house, entry, watch, saved)
        if row is None:
            return None
        trace = row["trace"] or {}
        left = tuple(texts_in([call["payload"] for call in row["outbound"]]))
        # What its author got wrong is in the trace: a row that is given up without that was not foreseen.
        return _seen(house, trace, row["error"], left, unforeseen=row["status"] == "parked" and "error" not in trace)

    def _said(self, house: House, entry: Entry, watch: Watch, _saved: requests.Response) -> Any:
        """Have somebody write to the bot; returns the message's row."""
        chat = next(house.chats)
        with watch.step():
            house.telegram.send_text(house.telegram_token, chat, entry.message)
            return _finished(house, f"{house.bot}messages/?chat={chat}", watch)

    def _told(self, house: House, entry: Entry, watch: Watch, saved: requests.Response) -> Any:
        """Post to the hook, which has a recipient; returns the notification's row, None where the data is refused."""
        path = f"{house.bot}hooks/{saved.json()['id']}/"
        house.author.post(f"{path}recipients/telegram/", {"chat_id": next(house.chats), "name": "Ann"}, status=201)
        with watch.step():
            taken = _posted(house, saved, entry).status_code == 200
            return _finished(house, f"{path}deliveries/", watch) if taken else None

    def tidy(self, house: House, entry: Entry) -> None:
        for path in house.saved:
            house.author.delete(path)
        house.saved.clear()


def _save(house: House, entry: Entry) -> requests.Response:
    house.api.requests.clear()
    house.elsewhere.requests.clear()
    house.api.answer = entry.data.encode() or b"{}"
    for key, value in (entry.env or {}).items():
        _kept(house, f"{house.bot}env/", {"key": key, "value": value})
    source, response = entry.source, {"text_template": "ok {{ response.status }}"}
    if entry.kind.endswith("text"):
        response = {"text_template": source}
    elif entry.kind.endswith("keyboard"):
        response = {"text_template": "ok", "keyboard_template": source}
    if entry.kind.startswith("hook"):
        return _kept(house, f"{house.bot}hooks/", {"name": entry.name, "response": response})
    parameter = [{"key": "X-Key", "value_template": source}]
    request: dict[str, Any] = {"url_template": f"{house.api.url}/data", "method": "Get"}
    request |= {
        "url": {"url_template": source},
        "parameter": {"url_parameters": parameter},
        "header": {"header_parameters": parameter},
        "data": {"method": "Post", "data": source},
    }.get(entry.kind, {})
    handler = {"name": entry.name, "pattern": r"^(?P<x>[\s\S]*)$", "response": response}
    if entry.data or entry.kind not in ("text", "keyboard"):
        handler["request"] = request
    return _kept(house, f"{house.bot}handlers/", handler)


def _kept(house: House, path: str, body: Any) -> requests.Response:
    """Save something, and remember to take it away."""
    answer = house.author.post(path, body)
    if answer.status_code == 201:
        house.saved.append(f"{path}{answer.json()['id']}/")
    return answer


def _posted(house: House, saved: requests.Response, entry: Entry) -> requests.Response:
    return house.author.post(f"/processing/hook/{saved.json()['key']}/", entry.data.encode() or b"{}")


def _refusal(answer: requests.Response) -> Seen:
    words = tuple(texts_in(answer.json())) if answer.status_code < 500 else (answer.text,)
    if answer.status_code >= 500:
        return Seen(f"HTTP {answer.status_code}", told=words, unforeseen=True)
    return Seen(f"refused: {' '.join(words)}", told=words)


def _seen(
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


def _finished(house: House, path: str, watch: Watch) -> Any:
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
