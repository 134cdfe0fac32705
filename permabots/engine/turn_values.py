"""What a turn is given, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from permabots.engine.definitions import StateDefinition
from permabots.values import Answer, Json


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """The limits of a turn, without those of its request.

    Args:
        match_timeout: seconds one regular expression may run on one message.
        render_timeout: seconds of CPU time that all templates of one answer may take.
        render_max_chars: the longest output of one template, in characters.
    """

    match_timeout: float = 0.25
    render_timeout: float = 2.0
    render_max_chars: int = 100_000


@dataclass(frozen=True, slots=True)
class TurnInput:
    """The incoming message of a turn, with its chat.

    Args:
        service: the provider's slug.
        text: the text in which the patterns are searched.
        message: the incoming message as its provider shapes it for templates.
        state: the chat's present state, None for no state.
        contexts: the contexts of the chat's earlier states, by key; or a function that returns them, called if needed.
        idempotency_key: a text that is the same whenever the same message is answered again.
        fallback: the bot's fallback text, without template and markup; "" for none.
    """

    service: str
    text: str
    message: Mapping[str, Json]
    state: StateDefinition | None
    contexts: Mapping[str, Json] | Callable[[], Mapping[str, Json]]
    idempotency_key: str
    fallback: str = ""

    def load_contexts(self) -> Mapping[str, Json]:
        """Return the contexts that earlier states of the chat stored."""
        return self.contexts() if callable(self.contexts) else self.contexts


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a turn.

    Args:
        handler_id: the handler that answered; None for none, and for a notification.
        answer: the messages to send, empty for none.
        next_state: the state that the chat moves to, None for staying.
        contexts: all contexts of the chat after the turn, None for no change.
        trace: the trace, as storable JSON.
        error: the error that ended the turn before its answer, in words and without secrets; "" for none.
    """

    handler_id: str | None
    answer: Answer
    next_state: StateDefinition | None
    contexts: Mapping[str, Json] | None
    trace: dict[str, Json]
    error: str = ""
