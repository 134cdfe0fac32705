"""Topics of forums: the number of the thread that their messages are in."""

from __future__ import annotations

from permabots.providers.base.json_parsing import as_dict, as_int
from permabots.providers.telegram.users import id_of
from permabots.values import Inbound

GENERAL = 1
"""The number of *General* in links. Nothing can be sent to it under that number, only without any."""
LARGEST = 2**31 - 1
"""Threads have the numbers of messages, which are of 32 bits."""


def topic_of(inbound: Inbound) -> str:
    """Return the forum topic that a message, or the message with a pressed button, is in; "" for none.

    The *General* topic is none: who names it is refused. In a thread of replies outside of topics messages have a
    ``message_thread_id`` too, which nothing can be sent to.
    """
    query = as_dict(inbound.raw.get("callback_query"))
    message = as_dict(query.get("message") if query else inbound.raw.get("message"))
    if message.get("is_topic_message") is not True or id_of(message.get("chat")) != inbound.chat_id:
        return ""
    topic = as_int(message.get("message_thread_id"))
    return "" if topic is None else str(topic)


def read_topic(topic: str) -> str:
    """Return the number of a topic that an author names, "" for none.

    Raises:
        ValueError: it can be none; the text says why.
    """
    if not topic:
        return ""
    number = int(topic) if topic.isascii() and topic.isdecimal() else 0
    if not 0 < number <= LARGEST:
        raise ValueError(f"A topic is a whole number from 2 to {LARGEST}: 77 in the link t.me/c/1234567890/77.")
    if number == GENERAL:
        raise ValueError("The topic General cannot be named: without a topic, messages go there.")
    return str(number)
