"""Patterns: saved in a handler by an author, tried by ``simulate``, searched in a message by a worker."""

from __future__ import annotations

from tests.attacks.entries import Entry
from tests.attacks.house import House
from tests.attacks.measuring import Watch
from tests.attacks.rooms.steps import finished, kept, refusal, seen_of
from tests.attacks.verdict import Seen

OUTCOME = "no handler"


class Patterns:
    """The room of patterns."""

    def in_web(self, house: House, entry: Entry, watch: Watch) -> Seen:
        with watch.step():
            saved = _save(house, entry)
        if saved != "saved":
            return Seen(saved)
        with watch.step():
            answer = house.author.post(f"{house.bot}simulate/", {"service": "telegram", "text": entry.message})
        if answer.status_code != 200:
            return refusal(answer)
        return seen_of(house, answer.json()["trace"], "", tuple(answer.json()["texts"]))

    def in_worker(self, house: House, entry: Entry, watch: Watch) -> Seen | None:
        if _save(house, entry) != "saved":
            return None
        chat = next(house.chats)
        with watch.step():
            house.telegram.send_text(house.telegram_token, chat, entry.message)
            row = finished(house, f"{house.bot}messages/?chat={chat}", watch)
        return seen_of(house, row["trace"] or {}, row["error"], ())

    def tidy(self, house: House, entry: Entry) -> None:
        for path in house.saved:
            house.author.delete(path)
        house.saved.clear()


def _save(house: House, entry: Entry) -> str:
    """Save a handler for each pattern of the entry, which are apart by ``data``; returns how that ended."""
    for number, pattern in enumerate(entry.source.split(entry.data) if entry.data else [entry.source]):
        body = {"name": f"{number}", "pattern": pattern, "response": {"text_template": "ok"}}
        saved = kept(house, f"{house.bot}handlers/", body)
        if saved.status_code != 201:
            return refusal(saved).outcome
    return "saved"
