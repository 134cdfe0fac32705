"""What the demo shows: conversations with one bot on its own page and on three messengers, and its hook."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import requests

from demo.talkers import Shown, Talker

Step = tuple[str, str, str]
"""``begins``, ``says`` or ``presses``; what; and what the bot's answer must hold."""
Say = Callable[[str], None]

STEPS: dict[str, tuple[Step, ...]] = {
    "Web chat": (
        ("begins", "Start", "Hello, welcome to The Corner Café"),
        ("presses", "Flat white · 3.60 €", "Flat white for 3.60 €. Shall I order it?"),
        ("presses", "Yes", "Order 17: Flat white. Thank you!"),
    ),
    "Telegram": (
        ("says", "hello?", "I did not understand “hello?”"),
        ("begins", "/start", "Hello Ann, welcome to The Corner Café"),
        ("says", "order cake", "There is no cake on the menu."),
        ("presses", "Flat white · 3.60 €", "Flat white for 3.60 €. Shall I order it?"),
        ("presses", "Yes", "Order 18: Flat white. Thank you!"),
        ("says", "/start", "What would you like?"),
        ("presses", "Tea & biscuits · 4.10 €", "Tea & biscuits for 4.10 €."),
        ("says", "no", "Nothing ordered."),
    ),
    "Kik": (
        ("begins", "the chat", "Hello ann, welcome to The Corner Café"),
        ("presses", "order tea", "Tea & biscuits for 4.10 €."),
        ("presses", "Yes", "Order 19: Tea & biscuits. Thank you!"),
    ),
    "Messenger": (
        ("begins", "Get Started", "Hello, welcome to The Corner Café"),
        ("presses", "Espresso · 2.20 €", "Espresso for 2.20 €."),
        ("says", "yes", "Order 20: Espresso. Thank you!"),
    ),
}


class SceneError(Exception):
    """The bot did not say what it should have."""


def play(talker: Talker, say: Say) -> None:
    """Talk to the bot on one messenger and show both sides.

    Args:
        talker: Ann there.
        say: prints a line.

    Raises:
        SceneError: an answer was not as expected.
        TimeoutError: there was none.
    """
    say(f"{talker.name}")
    for number, (kind, what, wanted) in enumerate(STEPS[talker.name], 1):
        began = time.monotonic()
        if kind == "begins":
            say(f"  Ann    begins with {what}")
            talker.begins()
        elif kind == "says":
            say(f"  Ann    {what}")
            talker.says(what)
        else:
            say(f"  Ann    presses [{what}]")
            talker.presses(what)
        hear(talker, number, wanted, time.monotonic() - began, say)
    say("")


def hear(talker: Talker, number: int, wanted: str, sent: float, say: Say) -> None:
    """Show the bot's message of this number, and check it."""
    began = time.monotonic()
    answer = talker.heard(number)[number - 1]
    show(answer, sent + time.monotonic() - began, say)
    if wanted not in answer.text:
        raise SceneError(f"wanted {wanted!r}, the bot said {answer.text!r}")


def notify(url: str, token: str, talkers: Sequence[Talker], say: Say) -> None:
    """Post to the hook, as the shop's own system would, and show what comes everywhere.

    Args:
        url: the hook's.
        token: of the bot's owner, for the API.
        talkers: Ann on each messenger.
        say: prints a line.

    Raises:
        SceneError: a message was not as expected.
        TimeoutError: there was none.
    """
    data = {"number": 17, "minutes": 4}
    say(f"The shop posts {data} to its hook")
    heard = [len(talker.heard(len(STEPS[talker.name]))) for talker in talkers]
    began = time.monotonic()
    answer = requests.post(url, json=data, headers={"Authorization": f"Token {token}"}, timeout=10)
    say(f"  answer {answer.status_code} {answer.json()}")
    for talker, before in zip(talkers, heard, strict=True):
        say(f"{talker.name}")
        hear(talker, before + 1, "Order 17 is ready in 4 minutes", time.monotonic() - began, say)


def show(answer: Shown, seconds: float, say: Say) -> None:
    """Print a message of the bot, its buttons, and how long it took."""
    first, *rest = answer.text.splitlines()
    say(f"  Café   {first}   ({seconds * 1000:.0f} ms)")
    for line in rest:
        say(f"         {line}")
    for row in answer.rows:
        say("         " + " ".join(f"[{label}]" for label in row))
