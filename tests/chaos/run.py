"""One run: the bot is made, the messages are said, everything goes wrong, the evidence is gathered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from celery import Celery
from django.contrib.auth import get_user_model
from django.db import Error, connection

from permabots.broker import BROKER_ERRORS
from permabots.models import Bot, EnvironmentVar, InboundMessage, Notification, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_handler
from permabots.tasks import drain
from permabots.testing.updates import text_update
from tests.chaos.accounting.bot import NAME, handlers, read_answer, read_news
from tests.chaos.accounting.evidence import Copy, Evidence
from tests.chaos.accounting.posts import Post, listeners
from tests.chaos.accounting.rows import read_news as read_told
from tests.chaos.accounting.rows import read_posts, read_sends, read_states, read_turns
from tests.chaos.accounting.script import CLOCK_BACK, FIRST_UPDATE, Message, Script
from tests.chaos.machine import TOKEN, TURN_ATTEMPTS, Machine
from tests.chaos.poster import Poster
from tests.chaos.room import Room
from tests.chaos.standins import API_PATH
from tests.chaos.steps import Steps
from tests.chaos.web_chat.visitor import SECRET, SLUG
from tests.chaos.web_chat.visitors import Visitors

TOLD_EVERY = 10.0
"""Seconds between two lines."""
PATIENCE = 45.0
"""Seconds without any progress after which a run ends."""


def connect(machine: Machine) -> Bot:
    """Make the bot of `tests.chaos.accounting.bot`, connect it to Telegram, whose web server must answer already,
    and to the web chat.
    """
    machine.api.open()
    bot = Bot.objects.create(owner=get_user_model().objects.create_user("chaos"), name=NAME)
    EnvironmentVar.objects.create(bot=bot, key="api", value=machine.api.url + API_PATH)
    for handler in handlers():
        create_handler(bot, handler)
    integrations.attach(bot, "telegram", {"token": TOKEN})
    integrations.attach(bot, "web", {"slug": SLUG, "identity": "optional", "identity_secret": SECRET})
    return bot


def play(machine: Machine, bot: Bot, script: Script, posts: Sequence[Post], say: Callable[[str], None]) -> Evidence:
    """Say all messages of a script while its faults happen, wait until all are finished, and gather the evidence.

    Args:
        machine: started.
        bot: of `connect`.
        script: what happens.
        posts: what is posted to a hook meanwhile.
        say: prints a line, now and then, of how far it is.
    """
    room = enter(machine, bot, script)
    poster = Poster(machine, room, bot, listeners(script), posts)
    connection.close()  # the database is going to crash, and this process has nothing to ask it until the end
    steps = Steps(machine, room, script)
    for thread in (steps, poster):
        thread.start()
    threading.Thread(target=_tell, args=(room, say), daemon=True).start()
    threading.Thread(target=_supervise, args=(machine, room), daemon=True).start()
    say_all(machine, room, script)
    steps.join()
    poster.join()
    wait_until_finished(machine, room, PATIENCE + lost_by_clock(script))
    room.over.set()
    return gather(machine, bot, room)


def enter(machine: Machine, bot: Bot, script: Script) -> Room:
    """Have the stand-ins play by a script from now on."""
    pause = machine.setup.lease + 2 * machine.setup.sweep + 1
    room = Room(script, pause, Waker(machine, bot).wake)
    room.visitors = Visitors(machine.site.url, room.answered)
    machine.watch(room)
    return room


def _tell(room: Room, say: Callable[[str], None]) -> None:
    while not room.over.wait(TOLD_EVERY):
        say(f"{time.monotonic() - room.began:4.0f} s: {room.describe()}")


def say_all(machine: Machine, room: Room, script: Script) -> None:
    """Say the messages, as the people would."""
    for index in script.order:
        room.wait_for_place(machine.setup.window)
        say_one(machine, room, script.messages[index])


def say_one(machine: Machine, room: Room, message: Message) -> None:
    """Say one message; the provider delivers it as often as the script says, or the person's page sends it."""
    if message.web:
        room.say(message)
        room.visitors.say(message)
        return
    update = text_update(FIRST_UPDATE + message.index, message.chat, message.text)
    room.say(message)
    for _ in range(1 + message.repeats):
        update = machine.telegram.deliver(TOKEN, update)


class Waker:
    """Wakes conversations needlessly, as a doubled wake-up would.

    Args:
        machine: where.
        bot: whose conversations.
    """

    def __init__(self, machine: Machine, bot: Bot) -> None:
        options = {"socket_timeout": 2, "socket_connect_timeout": 1, "max_retries": 0}
        self._app = Celery("chaos", broker=machine.redis.url, set_as_current=False)
        self._app.conf.broker_transport_options = options
        self._bot = bot
        self._conversations: dict[int, tuple[int, str]] = {}

    def wake(self, chat: int, times: int) -> None:
        """Publish wake-ups; a broker or database that is away at the moment is let alone."""
        try:
            conversation = self._conversation(chat)
            for _ in range(times):
                self._app.send_task(drain.name, conversation, retry=False, ignore_result=True)
        except (*BROKER_ERRORS, Error):
            return
        finally:
            connection.close()

    def _conversation(self, chat: int) -> tuple[int, str]:
        """Return the id of a chat's conversation, and its provider."""
        if chat not in self._conversations:
            said = InboundMessage.objects.filter(conversation__bot=self._bot, text__endswith=f" {chat}")
            columns = ("conversation", "conversation__provider")
            self._conversations[chat] = said.values_list(*columns).first() or (0, "")
        return self._conversations[chat]


def _supervise(machine: Machine, room: Room) -> None:
    while not room.over.wait(0.5):
        machine.replace_dead()


def wait_until_finished(machine: Machine, room: Room, patience: float = PATIENCE) -> None:
    """Wait until nothing is left to do, or nothing has happened for so many seconds."""
    while time.monotonic() - room.progress < patience:
        rows = (InboundMessage.objects, OutboundMessage.objects, Notification.objects)
        taken = not machine.telegram.webhook(TOKEN)["pending"] and room.visitors.are_idle
        if taken and not any(each.unfinished().exists() for each in rows):
            return
        time.sleep(0.2)


def lost_by_clock(script: Script) -> float:
    """Return for how many seconds nothing may happen because the clock was set back: what is due waits for it."""
    return sum(step.seconds for step in script.steps if step.kind == CLOCK_BACK)


def gather(machine: Machine, bot: Bot, room: Room) -> Evidence:
    """Gather what the provider, the rows, the pages and the notes say of the chats of a script."""
    room.visitors.leave()
    evidence = Evidence(
        said=room.said,
        copies=list(_copies(machine, room, _number_of_answer)),
        turns=read_turns(bot),
        sends=read_sends(bot),
        states=read_states(bot),
        troubles=sorted(room.troubles, key=lambda trouble: trouble.began),
        calls=dict(room.calls),
        impatient=[violation.monotonic for violation in machine.telegram.violations()],
        most_turns=TURN_ATTEMPTS,
        most_sends=machine.setup.send_attempts,
    )
    web = {message.chat for message in room.messages.values() if message.web}
    found = evidence.of_chats({chat for chat, _ in room.messages} - web)
    found.news = _gather_news(machine, bot, room, evidence)
    shown = replace(evidence, copies=list(room.visitors.copies(bot)), misshown=list(room.visitors.misshown(bot)))
    found.web = replace(shown.of_chats(web), impatient=[], single=True)
    return found


def _gather_news(machine: Machine, bot: Bot, room: Room, evidence: Evidence) -> Evidence:
    """Gather the same of what was posted to hooks; what went wrong is what went wrong for everybody."""
    news = replace(
        evidence,
        said=room.posted,
        copies=list(_copies(machine, room, read_news)),
        turns=read_posts(bot),
        sends=read_told(bot),
        states={},
        impatient=[],
    )
    return news.of_chats({said.key[0] for said in room.posted})


def _number_of_answer(text: str) -> int | None:
    answer = read_answer(text)
    return None if answer is None else answer.number


def _copies(machine: Machine, room: Room, read: Callable[[str], int | None]) -> Iterator[Copy]:
    unheard = room.unheard()
    for sent in machine.telegram.sent():
        call = (sent.chat_id, sent.monotonic)
        if (number := read(sent.text)) is not None:
            told, pid = sent.answered and call not in unheard, room.senders.get(call, 0)
            yield Copy((sent.chat_id, number), sent.text, sent.monotonic, told, pid)
