"""Messages through a whole installation whose Telegram is the stand-in, while its operator breaks what he likes.

Needs Django, and works on the installation's own database. The bot is made for the run, so no bot of anybody else is
touched, and since the stand-in is no messenger, nothing reaches a person.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import randbelow
from typing import Any

from permabots.models import Bot, EnvironmentVar, InboundMessage, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_handler
from permabots.testing.chaos.bot import NAME, handlers, read_answer
from permabots.testing.chaos.evidence import Copy, Evidence, Said
from permabots.testing.chaos.rows import read_sends, read_states, read_turns
from permabots.testing.chaos.script import Script
from permabots.testing.telegram import TelegramSteering
from permabots.testing.updates import text_update

FIRST_UPDATE = 1_000_000


def new_token() -> str:
    """Return the token of an account that nobody has: the stand-in takes any."""
    return f"{10**9 + randbelow(10**9)}:{NAME}"


def make_bot(owner: Any, token: str, api: str = "") -> Bot:
    """Make the bot of `permabots.testing.chaos.bot` and connect it to Telegram.

    Args:
        owner: the user whose it is.
        token: of its account.
        api: what comes before ``/<chat>/<number>`` in the address of the user's API; "" where no message asks it.
    """
    bot = Bot.objects.create(owner=owner, name=NAME)
    EnvironmentVar.objects.create(bot=bot, key="api", value=api)
    for handler in handlers():
        create_handler(bot, handler)
    integrations.attach(bot, "telegram", {"token": token})
    return bot


def remove_bot(bot: Bot) -> None:
    """Disconnect the bot and delete it with all its messages."""
    integrations.detach(bot, "telegram")
    bot.delete()


@dataclass(frozen=True, slots=True)
class Drive:
    """One run.

    Args:
        telegram: the stand-in.
        bot: of `make_bot`.
        token: its account's.
        rate: messages said in a second.
        patience: seconds without any change after which nothing more is waited for.
    """

    telegram: TelegramSteering
    bot: Bot
    token: str
    rate: float = 10.0
    patience: float = 120.0

    def play(self, script: Script, tell: Callable[[str], None]) -> Evidence:
        """Say the messages of a script, wait until all are finished, and gather the evidence.

        Args:
            script: its harms and steps are not carried out: that is the operator's part.
            tell: prints a line.
        """
        said = []
        for index in script.order:
            message = script.messages[index]
            update = text_update(FIRST_UPDATE + index, message.chat, message.text)
            said.append(Said((message.chat, message.number), message.word, time.monotonic(), message.swapped))
            for _ in range(1 + message.repeats):
                self.telegram.deliver(self.token, update)
            time.sleep(1 / self.rate)
        tell(f"All {len(said)} messages are said.")
        self._wait(tell)
        return self._gather(said)

    def _wait(self, tell: Callable[[str], None]) -> None:
        before, changed = (-1, -1, -1), time.monotonic()
        while time.monotonic() - changed < self.patience:
            left = self._left()
            if not any(left):
                return
            if left != before:
                before, changed = left, time.monotonic()
                tell("{} not delivered yet, {} not answered, {} answers not sent.".format(*left))
            time.sleep(1.0)

    def _left(self) -> tuple[int, int, int]:
        """Return what is not finished: updates, messages, answers."""
        mine = {"conversation__bot": self.bot}
        messages = InboundMessage.objects.unfinished().filter(**mine).count()
        pending: Any = self.telegram.webhook(self.token)["pending"]
        return pending, messages, OutboundMessage.objects.unfinished().filter(**mine).count()

    def _gather(self, said: Sequence[Said]) -> Evidence:
        number = int(self.token.partition(":")[0])
        copies = []
        for sent in self.telegram.sent():
            answer = read_answer(sent.text)
            if sent.bot == number and answer is not None:
                copies.append(Copy((sent.chat_id, answer.number), sent.text, sent.monotonic, sent.answered))
        turns, sends, states = read_turns(self.bot), read_sends(self.bot), read_states(self.bot)
        return Evidence(list(said), copies, turns, sends, states, watched=False)
