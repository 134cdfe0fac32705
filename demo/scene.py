"""The conversation that the demo shows, message by message as it travels."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from demo.shop import TOKEN
from permabots.testing import TelegramServer
from permabots.testing.updates import person

CHAT = 51234567
ANN = person(CHAT, "Ann", username="ann")

Step = tuple[str, str, str]
"""``says`` or ``presses``, what, and what the bot's answer must hold."""

STEPS: tuple[Step, ...] = (
    ("says", "hello?", "I did not understand “hello?”"),
    ("says", "/start", "Hello Ann, welcome to The Corner Café"),
    ("says", "order cake", "There is no cake on the menu."),
    ("presses", "Flat white · 3.60 €", "Flat white for 3.60 €. Shall I order it?"),
    ("presses", "Yes", "Order 17: Flat white. Thank you!"),
    ("says", "/start", "What would you like?"),
    ("presses", "Tea & biscuits · 4.10 €", "Tea & biscuits for 4.10 €."),
    ("says", "no", "Nothing ordered."),
)


class SceneError(Exception):
    """The bot did not say what it should have."""


def play(telegram: TelegramServer, say: Callable[[str], None]) -> None:
    """Talk to the bot and show both sides.

    Args:
        telegram: the stand-in, where the conversation happens.
        say: prints a line.

    Raises:
        SceneError: an answer was not as expected.
        TimeoutError: there was none.
    """
    for number, (kind, what, wanted) in enumerate(STEPS, 1):
        began = time.monotonic()
        if kind == "says":
            say(f"  Ann    {what}")
            telegram.send_text(TOKEN, CHAT, what, user=ANN)
        else:
            say(f"  Ann    presses [{what}]")
            telegram.press_button(TOKEN, CHAT, what, user=ANN)
        answer = telegram.wait_for_messages(CHAT, number, 20)[number - 1]
        show(answer, time.monotonic() - began, say)
        if wanted not in answer["text"]:
            raise SceneError(f"wanted {wanted!r}, the bot said {answer['text']!r}")


def show(answer: dict[str, Any], seconds: float, say: Callable[[str], None]) -> None:
    """Print a message of the bot, its buttons, and how long it took."""
    first, *rest = answer["text"].splitlines()
    say(f"  Café   {first}   ({seconds * 1000:.0f} ms)")
    for line in rest:
        say(f"         {line}")
    for row in answer.get("reply_markup", {}).get("inline_keyboard", ()):
        say("         " + " ".join(f"[{button['text']}]" for button in row))
