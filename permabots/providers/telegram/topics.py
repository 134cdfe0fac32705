"""Topics of groups: the number of the thread that a topic's messages are in."""

from __future__ import annotations

from permabots.providers.base.json_parsing import as_dict, as_int
from permabots.providers.telegram.users import id_of
from permabots.values import Inbound

GENERAL = 1
"""The number of the topic *General* in links. Telegram refuses messages to that number: they are sent without one."""
MAX_TOPIC = 2**31 - 1
"""The largest number of a thread: threads have the ids of messages, which have 32 bits."""


def topic_of(inbound: Inbound) -> str:
    """Return the topic of a message, or of the message with a pressed button; "" for none.

    The topic *General* counts as none: Telegram refuses messages to it. Messages in a thread of replies outside of
    topics have a ``message_thread_id``, too, but no message can be sent to it.
    """
    query = as_dict(inbound.raw.get("callback_query"))
    message = as_dict(query.get("message") if query else inbound.raw.get("message"))
    if message.get("is_topic_message") is not True or id_of(message.get("chat")) != inbound.chat_id:
        return ""
    topic = as_int(message.get("message_thread_id"))
    return "" if topic is None else str(topic)


def read_topic(topic: str) -> str:
    """Return the number of a topic that an author wrote.

    Args:
        topic: the author's text, "" for none.

    Raises:
        ValueError: the text cannot be the number of a topic; the message says why.
    """
    if not topic:
        return ""
    number = int(topic) if topic.isascii() and topic.isdecimal() else 0
    if not 0 < number <= MAX_TOPIC:
        raise ValueError(f"A topic is a whole number from 2 to {MAX_TOPIC}: 77 in the link t.me/c/1234567890/77.")
    if number == GENERAL:
        raise ValueError("The topic General cannot be named: without a topic, messages go there.")
    return str(number)
