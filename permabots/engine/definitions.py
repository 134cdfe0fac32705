"""What a bot's author configured, as plain values. Rows build these; `permabots.engine.turn` compiles and runs them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from permabots.values import Json

Method: TypeAlias = Literal["Get", "Post", "Put", "Delete", "Patch"]

_RECIPIENT = re.compile(r"\brecipient\b")
START_KEY = "_start"
"""The name under which the context of a chat's first turn is kept, before it was in any state."""


def state_key(name: str) -> str:
    """Return the name under which a state's context is found in templates: lower case, blanks as ``_``.

    Two names that give the same key are the same state to a template, so they may not both exist in one bot.
    """
    return re.sub(r"\s+", "_", name.strip().lower())


@dataclass(frozen=True, slots=True)
class StateDefinition:
    """One state of a bot.

    Args:
        id: the row's id, as text.
        name: as the author wrote it.
    """

    id: str
    name: str

    @property
    def key(self) -> str:
        return state_key(self.name)


@dataclass(frozen=True, slots=True)
class VariableDefinition:
    """An environment variable: the author's own text. A secret one is never shown in a trace."""

    key: str
    value: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """A query or header parameter of a request."""

    key: str
    value_template: str


@dataclass(frozen=True, slots=True)
class RequestDefinition:
    """A call to the user's API.

    Args:
        url_template: rendered with percent-encoded values.
        method: as the original spells it.
        data: JSON whose strings are templates, a string that is a template as a whole, or None for no body.
        url_parameters: added to the query string.
        header_parameters: sent as headers.
    """

    url_template: str
    method: Method = "Get"
    data: Json = None
    url_parameters: tuple[ParameterDefinition, ...] = ()
    header_parameters: tuple[ParameterDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseDefinition:
    """Templates of an answer; ``keyboard_template`` is "" for none."""

    text_template: str
    keyboard_template: str = ""


@dataclass(frozen=True, slots=True)
class HandlerDefinition:
    """One handler.

    Args:
        id: the row's id, as text.
        name: as the author wrote it.
        pattern: a regular expression of Python's `re`.
        response: what it answers.
        request: what it asks the user's API first, None for nothing.
        target_state: the state the chat moves to.
        source_states: ids of the states it answers in; empty for any, and before any.
        priority: higher is tried first.
        enabled: a disabled handler is never tried, but a trace names it.
    """

    id: str
    name: str
    pattern: str
    response: ResponseDefinition
    request: RequestDefinition | None = None
    target_state: StateDefinition | None = None
    source_states: frozenset[str] = frozenset()
    priority: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class HookDefinition:
    """A notification hook.

    Args:
        id: the row's id, as text.
        name: as the author wrote it.
        response: what it says.
        recipients_template: names those who are told; "" for all.
    """

    id: str
    name: str
    response: ResponseDefinition
    recipients_template: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether what it says may depend on whom it tells."""
        templates = (self.response.text_template, self.response.keyboard_template)
        return any(_RECIPIENT.search(template) for template in templates)


@dataclass(frozen=True, slots=True)
class BotDefinition:
    """A whole bot at one revision.

    Args:
        id: the row's id, as text.
        revision: goes up with every change; the same id and revision mean the same definition.
        handlers: in the order they are tried: descending priority, then oldest first.
        variables: the environment.
    """

    id: str
    revision: int
    handlers: tuple[HandlerDefinition, ...] = ()
    variables: tuple[VariableDefinition, ...] = ()
