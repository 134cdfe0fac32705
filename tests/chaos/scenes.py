"""Short runs in which one fault happens at one moment: each is hard for one of the planted bugs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count

import psutil
from django.db.models import Q

from permabots.models import Bot, Conversation, Notification, OutboundMessage
from tests.chaos.accounting.bot import NAME
from tests.chaos.accounting.evidence import Evidence
from tests.chaos.accounting.posts import Post
from tests.chaos.accounting.script import FIRST_CHAT, FIRST_UPDATE, Deed, Harm, Message, Point, Script
from tests.chaos.machine import TOKEN, TURN_ATTEMPTS, Machine
from tests.chaos.poster import Poster
from tests.chaos.room import Room
from tests.chaos.run import enter, gather, say_one, wait_until_finished

SECONDS = 40.0
"""How long what a scene waits for may take."""


@dataclass
class Stage:
    """Plays scenes on one machine, each in chats and with updates of its own.

    Args:
        machine: started.
        bot: of `tests.chaos.run.connect`.
    """

    machine: Machine
    bot: Bot
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def play(self, bug: str, scenes: Iterable[Scene]) -> Evidence:
        """Play scenes with a bug turned on ("" for none), one after another, and gather the evidence."""
        self.machine.switches.plant(bug)
        cast: list[tuple[Scene, list[Message]]] = []
        for scene, messages in ((scene, SCENES[scene]) for scene in scenes):
            place = 100 * next(self._numbers)
            moved = [replace(m, index=place + m.index, chat=FIRST_CHAT + place + m.chat) for m in messages]
            cast.append((scene, moved))
        script = Script(tuple(message for _, messages in cast for message in messages), (), (), 0)
        room = enter(self.machine, self.bot, script)
        ends = [scene(self.machine, room, messages) for scene, messages in cast if scene not in SWEEPLESS]
        for end in filter(None, ends):
            _until(end)
        for scene, messages in cast:
            if scene in SWEEPLESS:
                scene(self.machine, room, messages)
        wait_until_finished(self.machine, room, 2.0 if bug else 3.0)
        self.machine.switches.sweep(on=True)
        evidence = gather(self.machine, self.bot, room)
        self._mend(bug)
        return evidence

    def _mend(self, bug: str) -> None:
        """Turn a bug off, and undo what would keep the next scene from being played."""
        self.machine.switches.plant("")
        if bug:
            Notification.objects.unfinished().delete()
        if bug and self.machine.telegram.webhook(TOKEN)["pending"]:
            self.machine.set_webhook()
            self.machine.telegram.wait_idle(SECONDS)


Scene = Callable[[Machine, Room, list[Message]], Callable[[], object] | None]
"""What it returns has to come true before the evidence is gathered: other scenes may be played meanwhile."""


def web_dies_after_its_answers(machine: Machine, room: Room, messages: list[Message]) -> None:
    """The web process is killed when it has just said 200 to everything."""
    for message in messages:
        say_one(machine, room, message)
    machine.telegram.wait_idle(SECONDS)
    for child in psutil.Process(machine.web.process.pid).children():
        child.kill()


def two_workers_are_woken(machine: Machine, room: Room, messages: list[Message]) -> None:
    """While an answer is on its way, which takes a while, others are woken for the same conversation."""
    for message in messages:
        say_one(machine, room, message)
    _until(lambda: len(room.said) and not room.waiting())


def child_dies_before_the_provider_accepts(machine: Machine, room: Room, messages: list[Message]) -> None:
    """A child is killed while its call arrives."""
    for message in messages:
        say_one(machine, room, message)
    _until(lambda: bool(room.troubles))


def child_dies_after_a_web_answer_is_stored(
    machine: Machine, room: Room, messages: list[Message]
) -> Callable[[], object]:
    """A child is killed when an answer is committed that the page shows, and before it is marked as sent."""
    (message,) = messages
    say_one(machine, room, message)
    _until(lambda: bool(room.troubles))
    rows = OutboundMessage.objects.filter(inbound__text=message.text)
    return rows.filter(status="sent").exists


def holder_sleeps_before_its_turn_is_stored(machine: Machine, room: Room, messages: list[Message]) -> None:
    """A child stops directly before it stores a turn; an earlier message arrives; the lease runs out; it goes on.

    By then, if nothing keeps others out, another worker has answered the earlier message and is in the middle of the
    later one.
    """
    earlier, later = messages
    machine.switches.stop_at(FIRST_UPDATE + later.index)
    say_one(machine, room, later)
    _until(lambda: bool(machine.switches.stopped))
    machine.api.add_route(f"/chaos/{later.chat}/{later.number}", {}, delay=1.0, times=1)
    say_one(machine, room, earlier)
    machine.telegram.wait_idle(SECONDS)
    asked = len(machine.api.requests)
    end = time.monotonic() + machine.setup.lease + 3 * machine.setup.sweep + 1.0
    while len(machine.api.requests) == asked and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(machine.switches.stopped, signal.SIGCONT)


def message_comes_while_the_last_is_sent(machine: Machine, room: Room, messages: list[Message]) -> None:
    """A message is stored, and its wake-up dropped, after the last look and before the release; nothing sweeps."""
    machine.switches.sweep(on=False)
    first, second = messages
    sent = len(machine.telegram.sent())
    say_one(machine, room, first)
    _until(lambda: len(machine.telegram.sent()) > sent)  # accepted, and answered a while later
    say_one(machine, room, second)
    machine.telegram.wait_idle(SECONDS)


def message_comes_after_the_last_is_answered(machine: Machine, room: Room, messages: list[Message]) -> None:
    """A message is stored when whoever answered the one before it has looked for the last time; nothing sweeps."""
    machine.switches.sweep(on=False)
    first, second = messages
    held = Conversation.objects.filter(chat_id=str(first.chat), lease_token__isnull=False)
    say_one(machine, room, first)
    _until(lambda: not room.waiting() and not held.exists())
    time.sleep(1.0)  # the look after the release leaves no trace that could be waited for
    say_one(machine, room, second)
    machine.telegram.wait_idle(SECONDS)


def messenger_refuses_a_new_secret_twice(machine: Machine, room: Room, messages: list[Message]) -> None:
    """An operator sets the webhook twice, which is refused, and people go on writing."""
    machine.set_webhook(refusals=2)
    for message in messages:
        say_one(machine, room, message)
    machine.telegram.wait_for_deliveries(1)


def send_fails_as_nobody_foresaw(machine: Machine, room: Room, messages: list[Message]) -> Callable[[], object]:
    """What is sent to a chat fails each time, in a way that nobody has foreseen."""
    (message,) = messages
    machine.switches.break_sends(message.chat)
    say_one(machine, room, message)
    rows = OutboundMessage.objects.filter(conversation__chat_id=str(message.chat))
    return rows.filter(Q(status="parked") | Q(attempts__gt=machine.setup.send_attempts)).exists


def notification_kills_who_renders_it(machine: Machine, room: Room, messages: list[Message]) -> Callable[[], object]:
    """A hook's first notification kills its worker each time, and a good one waits behind it."""
    poster = Poster(machine, room, Bot.objects.get(name=NAME), [message.chat for message in messages])
    died = machine.switches.poisoned
    for post in (Post(0, poison=True), Post(1)):
        poster.post(post)
    waiting = Notification.objects.unfinished().filter(hook=poster.hook)
    return lambda: machine.switches.poisoned > died + TURN_ATTEMPTS or not waiting.exists()


def _until(reached: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not reached() and time.monotonic() < end:
        time.sleep(0.02)


SCENES: dict[Scene, list[Message]] = {
    notification_kills_who_renders_it: [Message(0, 0, 0, "go")],
    send_fails_as_nobody_foresaw: [Message(0, 0, 0, "go")],
    child_dies_after_a_web_answer_is_stored: [Message(0, 0, 0, "go", harms=(Harm(Deed.KILL, Point.AFTER),), web=True)],
    web_dies_after_its_answers: [Message(n, n, 0, "stay") for n in range(8)],
    two_workers_are_woken: [Message(n, n % 3, n // 3, "go", provider="slow", wakeups=3) for n in range(6)],
    child_dies_before_the_provider_accepts: [Message(0, 0, 0, "go", harms=(Harm(Deed.KILL, Point.BEFORE),))],
    holder_sleeps_before_its_turn_is_stored: [Message(0, 0, 0, "go", swapped=True), Message(1, 0, 1, "ask")],
    message_comes_while_the_last_is_sent: [Message(0, 0, 0, "go", provider="slow"), Message(1, 0, 1, "go")],
    message_comes_after_the_last_is_answered: [Message(0, 0, 0, "go"), Message(1, 0, 1, "go")],
    messenger_refuses_a_new_secret_twice: [Message(0, 0, 0, "go")],
}
"""Each with its messages; chats and indices count from 0 in each scene. Those that wait longest begin."""

SWEEPLESS = {message_comes_while_the_last_is_sent, message_comes_after_the_last_is_answered}
"""Those in which nothing sweeps; nothing else may wait for a sweep meanwhile."""

HARD_FOR: dict[str, Scene] = {
    "200 before commit": web_dies_after_its_answers,
    "lease ignored": two_workers_are_woken,
    "marked sent before sending": child_dies_before_the_provider_accepts,
    "fence read by SELECT": holder_sleeps_before_its_turn_is_stored,
    "second look left out": message_comes_while_the_last_is_sent,
    "held back by what is finished": message_comes_after_the_last_is_answered,
    "send without a ceiling": send_fails_as_nobody_foresaw,
    "notification begun without being counted": notification_kills_who_renders_it,
    "key of a web message ignored": child_dies_after_a_web_answer_is_stored,
    "secret replaced before the messenger agrees": messenger_refuses_a_new_secret_twice,
}
"""Planted bug (`tests.chaos.bugs`) -> the scene that shows it for sure."""
