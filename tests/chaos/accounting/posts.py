"""What a program posts to a hook of the bot in a run, and whom it tells: made from the script, so from its seed."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from tests.chaos.accounting.script import Deed, Fault, Harm, Point, Script

EVERY = 50
"""Messages for each post; one post at least."""
MOST_TOLD = 10
"""Chats that the hook tells."""
_KILLED = 0.5
_POINTS = (Point.BEFORE, Point.AFTER, Point.LATER)


@dataclass(frozen=True, slots=True)
class Post:
    """One post to the hook.

    Args:
        number: its place among all, from 0.
        after: how many messages have been said by then.
        chat: the one in which the child that tells is harmed.
        harms: what happens to the children that tell that chat, one after another.
        poison: whoever renders it dies.
    """

    number: int
    after: int = 0
    chat: int = 0
    harms: tuple[Harm, ...] = ()
    poison: bool = False


def listeners(script: Script) -> list[int]:
    """Return the chats that the hook of a run tells."""
    return sorted({message.chat for message in script.messages if not message.web})[:MOST_TOLD]


def write_posts(script: Script, faults: Collection[Fault] = tuple(Fault)) -> tuple[Post, ...]:
    """Write what is posted while a script is played; nothing where hooks are not asked for."""
    count, chats = len(script.messages), listeners(script)
    if Fault.HOOKS not in faults or not chats:
        return ()
    draw = random.Random(f"posts {script.seed} {count}")
    posts = max(1, count // EVERY)
    return tuple(_post(draw, number, number * count // posts, chats, faults) for number in range(posts))


def _post(draw: random.Random, number: int, after: int, chats: list[int], faults: Collection[Fault]) -> Post:
    # Each draw is made whether its fault is wanted or not, as in a script.
    chat, point, killed = draw.choice(chats), draw.choice(_POINTS), draw.random() < _KILLED
    harms = (Harm(Deed.KILL, point),) if killed and Fault.KILL in faults else ()
    return Post(number, after, chat, harms)
