"""How much one person may do in web chats, counted by what they cannot change."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from permabots.conf import get_config
from permabots.exceptions import WebChatRefused
from permabots.models import Conversation, InboundMessage, WebMessage
from permabots.pipeline.web_chat import network_address
from permabots.security import counters
from permabots.security.rates import SECONDS

UNFINISHED = "Wait for the answer first: at most {} messages may wait at once."
ANSWERED_SOON = 1
"""Seconds after which a page tries again that has too many messages without an answer."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of ``WEBCHAT_LIMITS``, in windows of the clock.

    Args:
        name: its name there.
        words: what is limited, for the person.
    """

    name: str
    words: str

    def count(self, whom: str) -> None:
        """Count, and refuse what is beyond the limit.

        Args:
            whom: what is counted together.

        Raises:
            WebChatRefused: with 429 and the seconds until the window ends.
        """
        if (rate := get_config().webchat_limits.get(self.name)) is None:
            return
        number, _, period = rate.partition("/")
        most, seconds = int(number), SECONDS[period[0]]
        if counters.count(f"web_{self.name}", whom, most, seconds) > most:
            wait = counters.rest_of_window(seconds)
            raise WebChatRefused(f"{self.words}: at most {most}.", status=429, retry_after=wait)


MESSAGES = Limit("messages", "Too many messages in a short time")
POLLS = Limit("polls", "Too many calls in a short time")
SIGN_INS = Limit("sign_ins", "Signed in too often in a short time")
NEW_BY_ADDRESS = Limit("new_by_address", "Too many new conversations from one address in a short time")
NEW_BY_CHAT = Limit("new_by_chat", "Too many new conversations in a short time")


def count_new(bot: UUID, remote: str, forwarded: str, *, signed: bool) -> None:
    """Count a new conversation. People whom a site has signed are counted by themselves: strangers shut them out of
    nothing.

    Args:
        bot: the bot whose chat it is; a chat in place of another one begins with the same count.
        remote: the address of the connection, "" where the server tells none.
        forwarded: the header ``X-Forwarded-For``, "" for none.
        signed: whether a site has signed the person: then their address does not count.

    Raises:
        WebChatRefused: with 429.
    """
    if not signed and (whom := network_address.key_of(remote, forwarded)) is not None:
        NEW_BY_ADDRESS.count(whom)
    NEW_BY_CHAT.count(f"signed {bot}" if signed else str(bot))


def check_unfinished(bot: UUID, visitor: int, chat_id: str, message: str) -> None:
    """Refuse a message of somebody who has too many without an answer. One that is repeated is not a further one.

    Args:
        bot: the bot.
        visitor: who says it.
        chat_id: the id of their conversation.
        message: the id that the page gave the message.

    Raises:
        WebChatRefused: with 429.
    """
    most = get_config().webchat_unfinished
    if not most:
        return
    here = Conversation.objects.filter(bot=bot, provider="web", chat_id=chat_id)
    waiting = InboundMessage.objects.unfinished().filter(conversation__in=here).order_by()[:most].count()
    if waiting >= most and not WebMessage.objects.filter(visitor=visitor, key=f"p:{message}").exists():
        raise WebChatRefused(UNFINISHED.format(most), status=429, retry_after=ANSWERED_SOON)
