"""Answering web chats in a thread of the web process, so that a bot talks without a worker and without a broker.

It is for trying a bot (``WEBCHAT_ANSWER_HERE``; where that is None, as ``DEBUG`` is). The code and the lease are those
of a worker, so one beside it does no harm.
"""

from __future__ import annotations

import atexit
import os
from functools import partial

from django.conf import settings

from permabots import logs
from permabots.conf import config_at_start, get_config
from permabots.database import after_commit
from permabots.models import WebBot
from permabots.pipeline import drain as draining
from permabots.pipeline.operating import sweep
from permabots.pipeline.user_api import bulkhead
from permabots.threads import Threads, Work

PROVIDER = WebBot.SLUG
"""The provider whose conversations are answered here: its messages need no call outside."""
THREADS = 4
"""How many threads there are at most. An API that hangs has half of them, as in a worker of this size."""
LONGEST_END = 3.0
"""Seconds that a process waits at its end for answers under way. One that takes longer is begun again by whoever looks
next once its lease has run out."""

logger = logs.get_logger(__name__)
_threads: dict[int, Threads] = {}
"""The threads of this process, by its id: a child that is forked has none."""


def is_on() -> bool:
    """Return whether web chats are answered by the web process."""
    wanted = get_config().webchat_answer_here
    return settings.DEBUG if wanted is None else wanted


def takes(provider: str) -> bool:
    """Return whether conversations of a provider are answered by this process.

    Args:
        provider: the provider's slug.
    """
    return provider == PROVIDER and is_on()


def wake(conversation_id: int, provider: str, seconds: float = 0.0) -> None:
    """Have a thread look at a conversation once the rows are committed, now or in so many seconds."""
    submit(("conversation", conversation_id), partial(_drain, conversation_id, provider), seconds)


def submit(key: tuple[str, int], work: Work, seconds: float = 0.0) -> None:
    """Have a thread do something once the rows are committed; arguments as `Threads.add` takes them."""
    after_commit(_add, key, work, seconds)


def watch() -> None:
    """Have threads find what is due and that nobody works on, as a worker's sweep does: an earlier process may have
    left it behind."""
    if is_on():
        _of_this_process()


def end(seconds: float = 0.0) -> None:
    """End the threads of this process; the next message starts others.

    Args:
        seconds: how long to wait for what they are doing.
    """
    threads = _threads.pop(os.getpid(), None)
    if threads is not None and not threads.end(seconds):
        logger.warning("ended in the middle of an answer, its lease runs out by itself")


def _add(key: tuple[str, int], work: Work, seconds: float) -> None:
    _of_this_process().add(key, work, seconds)


def _of_this_process() -> Threads:
    """Return the threads of this process, made at first. They sweep from then on."""
    found = _threads.get(os.getpid())
    if found is None:
        found = _threads.setdefault(os.getpid(), Threads(THREADS))
        if not bulkhead.is_used():
            bulkhead.init(THREADS)
        found.add("sweep", _sweep)
    return found


def _drain(conversation_id: int, provider: str) -> float | None:
    with logs.bind(conversation=conversation_id, provider=provider):
        return draining.drain(conversation_id, provider)


def _sweep() -> float:
    for conversation_id, provider in sweep.due_conversations(PROVIDER):
        wake(conversation_id, provider)
    return config_at_start().sweep_interval


@atexit.register
def _end_with_process() -> None:
    end(LONGEST_END)
