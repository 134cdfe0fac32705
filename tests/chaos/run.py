"""One run: the bot is made, the messages are said, everything goes wrong, the evidence is gathered."""

from __future__ import annotations

import time

from django.contrib.auth import get_user_model
from django.db import Error, connection

from permabots import broker
from permabots.models import Bot, Conversation, EnvironmentVar, InboundMessage, OutboundMessage
from permabots.pipeline import integrations
from permabots.pipeline.configuration import create_handler
from permabots.tasks import drain
from permabots.testing.chaos.bot import handlers, read_answer
from permabots.testing.chaos.evidence import Copy, Evidence
from permabots.testing.chaos.rows import read_sends, read_states, read_turns
from permabots.testing.chaos.script import Message, Script
from permabots.testing.updates import text_update
from tests.chaos.machine import TOKEN, Machine
from tests.chaos.room import Room
from tests.chaos.standins import API_PATH
from tests.chaos.steps import Steps

FIRST_UPDATE = 1_000_000
PATIENCE = 45.0
"""Seconds without any progress after which a run ends."""


def make_bot(machine: Machine) -> Bot:
    """Make the bot of `permabots.testing.chaos.bot` and connect it: the web server must answer already."""
    owner = get_user_model().objects.create_user("chaos")
    bot = Bot.objects.create(owner=owner, name="chaos")
    EnvironmentVar.objects.create(bot=bot, key="api", value=machine.api.url + API_PATH)
    for handler in handlers():
        create_handler(bot, handler)
    integrations.attach(bot, "telegram", {"token": TOKEN})
    machine.api.open()
    return bot


def play(machine: Machine, bot: Bot, script: Script) -> Evidence:
    """Say all messages of a script while its faults happen, wait until all are finished, and gather the evidence."""
    room = Room(script, machine.setup.lease + 2 * machine.setup.sweep + 1)
    machine.watch(room)
    connection.close()
    steps = Steps(machine, room, script)
    steps.start()
    Speaker(machine, room, bot).say_all(script)
    steps.join()
    wait_until_finished(machine, room)
    return gather(machine, bot, room)


class Speaker:
    """Says the messages, as the people would, and wakes conversations needlessly.

    Args:
        machine: where.
        room: what is noted.
        bot: whom they write to.
    """

    def __init__(self, machine: Machine, room: Room, bot: Bot) -> None:
        self._machine = machine
        self._room = room
        self._bot = bot
        self._conversations: dict[int, int] = {}

    def say_all(self, script: Script) -> None:
        for index in script.order:
            self._room.wait_for_place(self._machine.setup.window)
            self._say(script.messages[index])
        connection.close()

    def _say(self, message: Message) -> None:
        update = text_update(FIRST_UPDATE + message.index, message.chat, message.text)
        self._room.say(message)
        for _ in range(1 + message.repeats):
            update = self._machine.telegram.deliver(TOKEN, update)
        if message.wakeups and (conversation := self._conversation(message.chat)):
            for _ in range(message.wakeups):
                broker.publish(drain, conversation, "telegram")

    def _conversation(self, chat: int) -> int:
        if chat not in self._conversations:
            try:
                found = Conversation.objects.filter(bot=self._bot, chat_id=str(chat)).values_list("pk", flat=True)
                self._conversations[chat] = found.first() or 0
            except Error:
                connection.close()  # PostgreSQL is down at this moment
                return 0
        return self._conversations[chat]


def wait_until_finished(machine: Machine, room: Room) -> None:
    """Wait until nothing is left to do, or nothing has happened for `PATIENCE` seconds."""
    while time.monotonic() - room.progress < PATIENCE:
        rows = (InboundMessage.objects, OutboundMessage.objects)
        if not machine.telegram.webhook(TOKEN)["pending"] and not any(r.unfinished().exists() for r in rows):
            return
        time.sleep(0.2)


def gather(machine: Machine, bot: Bot, room: Room) -> Evidence:
    """Gather what the provider, the rows and the notes say."""
    copies = []
    for sent in machine.telegram.sent():
        answer = read_answer(sent.text)
        if answer is not None:
            pid = room.senders.get((sent.chat_id, sent.monotonic), 0)
            copies.append(Copy((sent.chat_id, answer.number), sent.text, sent.monotonic, sent.answered, pid))
    return Evidence(
        said=room.said,
        copies=copies,
        turns=read_turns(bot),
        sends=read_sends(bot),
        states=read_states(bot),
        troubles=sorted(room.troubles, key=lambda trouble: trouble.began),
        calls=dict(room.calls),
        impatient=len(machine.telegram.violations()),
    )
