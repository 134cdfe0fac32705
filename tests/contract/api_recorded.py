"""What permabots 2.2.3 answered: calls of its REST API and webhooks, and how two answers to one call are compared."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

NEW_FIELDS = {
    "disabled_reason": "why permabots disabled a handler by itself",
    "pattern_note": "how a pattern that may be slow is run, and why",
    "fallback_text": "of a bot: what is said where an answer fails",
    "separate_topics": "of a bot: whether each topic is a conversation of its own",
    "worker_deaths": "of a bot: how many workers its messages killed",
    "last_worker_death_at": "of a bot: when the last of them was",
    "topic": "of a recipient, and of the state of a chat, on a messenger whose chats have topics",
    "secret": "a variable that no trace shows",
    "messenger_recipients": "recipients that the original left out of their hook",
    "web_bot": "of a bot: its web chat, which the original did not have",
    "web_recipients": "people in that chat",
    "strict": "a hook that refuses data which leave holes in its text",
    "recipients_template": "which of a hook's recipients are told",
    "recipients_count": "how many recipients a hook has, of which it shows the oldest",
    "previous_key_expires_at": "until when the key of a hook before a rotation is taken",
    "warnings": "what the caller should know of what was taken",
    "reason": "what the provider said, beside the error that clients know",
}
"""What answers hold now beyond what they held, and why."""
NEW = {
    "app_secret": "of a Messenger account: taken, so that its webhook can be authenticated, and never shown",
    "api_key, token, username of PUT": "new credentials of the same account",
    "…/<provider>/<id>/status/": "what the provider says about the webhook",
    "limit, offset; chat, user, topic, state": "in the query of lists",
    "…/messages/, …/deliveries/, …/simulate/": "what came in, what went out, what would be answered",
}
"""What is there beside what was recorded, and why."""
TEXT, NUMBER = "<text>", "<number>"
"""What any text and any number fit, where only a new answer's shape is settled."""
_PLACE = re.compile(r"<(uuid|UUID):([\w-]+)>|<(hookkey2?)>", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """One answer.

    Args:
        status: the HTTP status.
        content: the JSON; None for an empty body, ``{"__not_json__": …}`` for anything else.
        allow: the methods that an answer of 405 names.
    """

    status: int
    content: Any
    allow: str = ""


@lru_cache(maxsize=1)
def calls() -> list[dict[str, Any]]:
    """Return the recorded calls, in their order."""
    return list(json.loads((Path(__file__).parent / "api.json").read_text()))


def recorded(call: dict[str, Any]) -> Answer:
    """Return what the original answered."""
    return Answer(call["status"], call["response"], call.get("allow", ""))


@dataclass
class Names:
    """The ids and keys that placeholders stand for, learnt from the answers in which they first appear."""

    known: dict[str, str] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """Return a path or body with its placeholders replaced; ``<uuid>`` is one that nothing has."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, str):
            return _PLACE.sub(self._value, value).replace("<uuid>", str(uuid.uuid4()))
        return value

    def _value(self, found: re.Match[str]) -> str:
        if found[3]:
            return self.known[found[3]]
        value = self.known.get(found[2].lower()) or str(uuid.uuid4())  # of what was not made, for it was refused
        return value.upper() if found[1] == "UUID" else value

    def differ(self, then: Any, now: Any, where: str = "") -> list[str]:
        """Return where two answers differ. A placeholder without a name fits anything, a new one is learnt."""
        if isinstance(then, dict) and isinstance(now, dict):
            names = sorted({*then, *now} - (NEW_FIELDS.keys() - then.keys()))
            return [text for name in names for text in self._field(then, now, name, where)]
        if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
            pairs = enumerate(zip(then, now, strict=True))
            return [text for place, (one, other) in pairs for text in self.differ(one, other, f"{where}[{place}]")]
        return [] if self._fits(then, now) else [f"{where}: wanted {then!r}, got {now!r}"]

    def _field(self, then: dict[str, Any], now: dict[str, Any], name: str, where: str) -> list[str]:
        if name in then and name in now:
            return self.differ(then[name], now[name], f"{where}.{name}")
        return [f"{where}.{name}: {'missing' if name in then else 'new'}"]

    def _fits(self, then: Any, now: Any) -> bool:
        if then == NUMBER:
            return isinstance(now, int)
        if not isinstance(then, str) or not isinstance(now, str):
            return bool(then == now and type(then) is type(now))
        if then in {"<uuid>", "<datetime>", TEXT}:
            return True
        if found := _PLACE.fullmatch(then):
            return self.known.setdefault(found[2] or found[3], now) == now
        return then == now


def is_page(content: Any) -> bool:
    """Whether an answer is a page of the project, and not one of the API."""
    return isinstance(content, dict) and "__not_json__" in content


def is_wording(then: Any, now: Any) -> bool:
    """Whether two answers of 400 name the same fields, in other words."""
    if isinstance(then, dict) and isinstance(now, dict):
        return then.keys() == now.keys() - NEW_FIELDS.keys() and all(is_wording(then[name], now[name]) for name in then)
    if isinstance(then, list) and isinstance(now, list):
        return bool(then and now) and all(isinstance(text, str) for text in [*then, *now])
    return isinstance(then, str) and isinstance(now, str)
