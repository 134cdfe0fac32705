"""A bot's configuration as plain values. Rows build these; `permabots.engine.turn` compiles and runs them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from permabots.values import Json

Method: TypeAlias = Literal["Get", "Post", "Put", "Delete", "Patch"]

_RECIPIENT = re.compile(r"\brecipient\b")
START_KEY = "_start"
"""The key under which the context of a chat's first turn is stored, when the chat was in no state yet."""


def state_key(name: str) -> str:
    """Return the key of a state's context in templates: the state's name in lower case, blanks as ``_``.

    Templates cannot tell two states with the same key apart, so a bot may not have both.

    Args:
        name: the state's name.
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
    """A variable of a bot.

    Args:
        key: its name in templates.
        value: a text of the author.
        secret: whether traces show `[secret]` in place of the value.
    """

    key: str
    value: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """A query or header parameter of a request.

    Args:
        key: the parameter's name.
        value_template: the template of its value.
    """

    key: str
    value_template: str


@dataclass(frozen=True, slots=True)
class RequestDefinition:
    """A call to a user API.

    Args:
        url_template: the template of the address, rendered with percent-encoded values.
        method: the HTTP method, with the first letter in upper case, as in 2.2.3.
        data: JSON whose strings are templates, a string that is one template as a whole, or None for no body.
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
    """The templates of an answer.

    Args:
        text_template: the template of its texts.
        keyboard_template: the template of its keyboard, "" for none.
    """

    text_template: str
    keyboard_template: str = ""


@dataclass(frozen=True, slots=True)
class HandlerDefinition:
    """One handler.

    Args:
        id: the row's id, as text.
        name: as the author wrote it.
        pattern: a regular expression of Python's `re`.
        response: the templates of its answer.
        request: the call to a user API before the answer is rendered, None for no call.
        target_state: the state that the chat moves to, None for staying.
        source_states: ids of the states in which it answers; empty for every state and for no state.
        priority: a handler with a higher number is tried first.
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
        response: the templates of the notification's messages.
        recipients_template: the template that names the recipients of a post; "" for all.
    """

    id: str
    name: str
    response: ResponseDefinition
    recipients_template: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether the messages may differ between recipients: a template reads ``recipient``."""
        templates = (self.response.text_template, self.response.keyboard_template)
        return any(_RECIPIENT.search(template) for template in templates)


@dataclass(frozen=True, slots=True)
class BotDefinition:
    """A whole bot at one revision.

    Args:
        id: the row's id, as text.
        revision: a number that grows with every change; the same id and revision mean the same definition.
        handlers: in the order in which they are tried: descending priority, then oldest first.
        variables: the bot's variables, ``env`` in templates.
        signing_secrets: what its requests are signed with, the newest first; empty for no signature.
    """

    id: str
    revision: int
    handlers: tuple[HandlerDefinition, ...] = ()
    variables: tuple[VariableDefinition, ...] = ()
    signing_secrets: tuple[str, ...] = field(default=(), repr=False)
