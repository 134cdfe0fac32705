"""Who is changing something, and from where: known where a request begins, needed where rows are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """From where something is changed."""

    API = "api"
    ADMIN = "admin"
    PLAYGROUND = "playground"
    COMMAND = "command"
    CODE = "code"
    """Code of the project, a shell, a worker."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes something, and from where.

    Args:
        source: from where.
        user_id: the id of the user, as text; "" for nobody.
        user: the user's name; "" for nobody.
        credential: what the user showed to the API, without anything secret; the name of a command; "" where neither.
    """

    source: Source
    user_id: str = ""
    user: str = ""
    credential: str = ""


_CODE = Origin(Source.CODE)
_current: ContextVar[Callable[[], Origin] | None] = ContextVar("permabots_origin", default=None)


@contextmanager
def acting(find: Callable[[], Origin]) -> Iterator[None]:
    """Say who acts in this block.

    Args:
        find: returns who; called when something is written, since a request may be authenticated only inside.
    """
    token = _current.set(find)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Origin:
    """Return who acts here."""
    find = _current.get()
    return _CODE if find is None else find()
