"""All who talk in web chats in a run, and the evidence of what became of what they said. Needs Django."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from permabots.models import Bot, WebMessage
from tests.chaos.accounting.bot import read_answer, read_message
from tests.chaos.accounting.evidence import Copy, Key
from tests.chaos.accounting.script import Message
from tests.chaos.web_chat.visitor import SLUG, Visitor, text_of

NEVER = 1e9
"""When somebody saw what they never saw."""


class Visitors:
    """The people of a run who talk in web chats.

    Args:
        site: the URL of the web server.
        answered: notes that an answer was seen.
    """

    def __init__(self, site: str, answered: Callable[[Key], None]) -> None:
        self._url, self._answered = f"{site}/chat/{SLUG}/", answered
        self._people: dict[int, Visitor] = {}

    def say(self, message: Message) -> None:
        """Have a person say a message."""
        if message.chat not in self._people:
            self._people[message.chat] = Visitor(self._url, message.chat, self._answered)
            self._people[message.chat].start()
        self._people[message.chat].say(message)

    @property
    def chats(self) -> Collection[int]:
        """The chats in which somebody has said something."""
        return self._people.keys()

    @property
    def are_idle(self) -> bool:
        """Whether everything that was said was taken."""
        return all(person.is_idle for person in self._people.values())

    def leave(self) -> None:
        """Have everybody read what there is to read, and close their pages."""
        for person in self._people.values():
            person.leave()

    def copies(self, bot: Bot) -> Iterator[Copy]:
        """Yield the answers that are stored for pages, in their order."""
        rows = WebMessage.objects.filter(visitor__web_bot__bot=bot, author=WebMessage.Author.BOT).order_by("pk")
        for number, body in rows.values_list("number", "body"):
            answer = read_answer(body["markup"])
            if answer is not None and answer.chat in self._people:
                at = self._people[answer.chat].seen_at.get(number, NEVER)
                yield Copy((answer.chat, answer.number), body["markup"], at)

    def misshown(self, bot: Bot) -> Iterator[str]:
        """Yield what pages show otherwise than it was said and stored, in words."""
        for chat, person in self._people.items():
            yield from (f"chat {chat}: {what}" for what in person.wrong)
            shown = [(message["number"], text_of(message)) for message in person.seen]
            if [number for number, _ in shown] != list(range(1, len(shown) + 1)):
                yield f"chat {chat}: numbers {[number for number, _ in shown]}"
            said = [key[1] for message in person.seen if (key := read_message(text_of(message))) is not None]
            if said != list(range(len(said))):
                yield f"chat {chat}: the person's own messages are {said}"
            if shown != (stored := _stored(bot, chat)):
                yield f"chat {chat}: shown {len(shown)}, stored {len(stored)}"


def _stored(bot: Bot, chat: int) -> list[tuple[int, str]]:
    """Return the numbers and texts of all messages of a chat."""
    rows = WebMessage.objects.filter(visitor__web_bot__bot=bot).order_by("pk").values_list("number", "body")
    texts = [(number, body.get("text") or body.get("markup", "")) for number, body in rows]
    return [(number, text) for number, text in texts if text.endswith(f" {chat}")]
