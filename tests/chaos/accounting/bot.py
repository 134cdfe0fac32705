"""The bot of a chaos run: four states, three words, and a model of it that knows nothing of permabots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

NAME = "chaos"
NOWHERE = "nowhere"
"""Where a chat is before its first transition."""
STATES = ("red", "green", "blue")
WORDS = ("go", "ask", "stay")
"""``go`` moves to the next state, ``ask`` to the one before if the user's API answers, ``stay`` moves nowhere."""

NEWS = "news {{ data.number }}"
"""What the bot's hook says."""
_NEWS = re.compile(r"news (\d+)")
_ANSWER = re.compile(r"(\d+) (go|ask|stay) in (\w+)(?:: (ok|failed))? for (\d+)")
_MESSAGE = re.compile(r"(?:go|ask|stay) (\d+) of (\d+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot said to one message.

    Args:
        chat: the chat that the message was said in.
        number: the message's number in its chat.
        word: its word.
        state: where the chat was, as the bot saw it.
        ok: whether the user's API answered; True where it was not asked.
    """

    chat: int
    number: int
    word: str
    state: str
    ok: bool = True


def read_answer(text: str) -> Answer | None:
    """Read one of the bot's answers; None for any other text."""
    match = _ANSWER.fullmatch(text)
    return Answer(int(match[5]), int(match[1]), match[2], match[3], match[4] != "failed") if match else None


def read_message(text: str) -> tuple[int, int] | None:
    """Read a message of a person; returns its chat and its number there, None for any other text."""
    match = _MESSAGE.fullmatch(text)
    return (int(match[2]), int(match[1])) if match else None


def read_news(text: str) -> int | None:
    """Read what the bot's hook said; returns the number of the post, None for any other text."""
    match = _NEWS.fullmatch(text)
    return int(match[1]) if match else None


def move(state: str, word: str, ok: bool = True) -> str:
    """Return where a chat is after a message."""
    if word == "stay" or not ok:
        return state
    if state == NOWHERE:
        return STATES[0]
    step = 1 if word == "go" else -1
    return STATES[(STATES.index(state) + step) % len(STATES)]


def handlers() -> list[dict[str, Any]]:
    """Return the bot's handlers, as `permabots.pipeline.authoring.configuration.create_handler` takes them.

    They read the variable ``api``, the address of the user's API.
    """
    return [_handler(state, word) for state in (NOWHERE, *STATES) for word in WORDS]


def _handler(state: str, word: str) -> dict[str, Any]:
    outcome = ": {% if response.status == 200 %}ok{% else %}failed{% endif %}" if word == "ask" else ""
    handler: dict[str, Any] = {
        "name": f"{word} in {state}",
        "pattern": rf"^{word} (?P<number>\d+) of (?P<chat>\d+)$",
        "priority": 0 if state == NOWHERE else 1,
        "source_states": [] if state == NOWHERE else [state],
        "response": {
            "text_template": f"{{{{ pattern.number }}}} {word} in {state}{outcome} for {{{{ pattern.chat }}}}"
        },
    }
    if word == "ask":
        handler["request"] = {"url_template": "{{ env.api }}/{{ pattern.chat }}/{{ pattern.number }}"}
    if word != "stay":
        handler["target_state"] = move(state, word)
    return handler
