"""Templates: saved in a handler or a hook by an author, tried by ``simulate``, answered with by a worker."""

from __future__ import annotations

from typing import Any

import requests

from tests.attacks.entries import Entry
from tests.attacks.evaluator import texts_in
from tests.attacks.house import House
from tests.attacks.measuring import Watch
from tests.attacks.rooms.steps import finished, kept, posted, refusal, seen_of
from tests.attacks.verdict import Seen

KINDS = ("text", "keyboard", "url", "parameter", "header", "data", "hook-text", "hook-keyboard")


class Templates:
    """The room of templates."""

    def in_web(self, house: House, entry: Entry, watch: Watch) -> Seen:
        with watch.step():
            saved = _save(house, entry)
        if saved.status_code != 201:
            return refusal(saved)
        if entry.kind.startswith("hook"):
            with watch.step():
                told = posted(house, saved, entry)
            return Seen("saved") if told.status_code == 200 else refusal(told)
        with watch.step():
            answer = house.author.post(f"{house.bot}simulate/", {"service": "telegram", "text": entry.message})
        if answer.status_code != 200:
            return refusal(answer)
        found = answer.json()
        left = texts_in([found["texts"], found["keyboard"], found["payloads"]])
        return seen_of(house, found["trace"], "", tuple(left))

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
        return seen_of(house, trace, row["error"], left, unforeseen=row["status"] == "parked" and "error" not in trace)

    def _said(self, house: House, entry: Entry, watch: Watch, _saved: requests.Response) -> Any:
        """Have somebody write to the bot; returns the message's row."""
        chat = next(house.chats)
        with watch.step():
            house.telegram.send_text(house.telegram_token, chat, entry.message)
            return finished(house, f"{house.bot}messages/?chat={chat}", watch)

    def _told(self, house: House, entry: Entry, watch: Watch, saved: requests.Response) -> Any:
        """Post to the hook, which has a recipient; returns the notification's row, None where the data is refused."""
        path = f"{house.bot}hooks/{saved.json()['id']}/"
        house.author.post(f"{path}recipients/telegram/", {"chat_id": next(house.chats), "name": "Ann"}, status=201)
        with watch.step():
            taken = posted(house, saved, entry).status_code == 200
            return finished(house, f"{path}deliveries/", watch) if taken else None

    def tidy(self, house: House, entry: Entry) -> None:
        for path in house.saved:
            house.author.delete(path)
        house.saved.clear()


def _save(house: House, entry: Entry) -> requests.Response:
    house.api.requests.clear()
    house.elsewhere.requests.clear()
    house.api.answer = entry.data.encode() or b"{}"
    for key, value in (entry.env or {}).items():
        kept(house, f"{house.bot}env/", {"key": key, "value": value})
    source, response = entry.source, {"text_template": "ok {{ response.status }}"}
    if entry.kind.endswith("text"):
        response = {"text_template": source}
    elif entry.kind.endswith("keyboard"):
        response = {"text_template": "ok", "keyboard_template": source}
    if entry.kind.startswith("hook"):
        return kept(house, f"{house.bot}hooks/", {"name": entry.name, "response": response})
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
    return kept(house, f"{house.bot}handlers/", handler)
