"""One turn of a conversation: match, ask the user's API, render, decide on the state. Values in, values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from permabots.engine.context import environment, hook_context, turn_context
from permabots.engine.definitions import (
    START_KEY,
    BotDefinition,
    HandlerDefinition,
    HookDefinition,
    RequestDefinition,
    ResponseDefinition,
    StateDefinition,
)
from permabots.engine.http.client import Api
from permabots.engine.http.prepared import TurnError, at, prepare
from permabots.engine.http.responses import ApiResponse
from permabots.engine.matching import Matcher
from permabots.engine.redaction import Redactor
from permabots.engine.templates import Budget, RenderLimits, render_parameter, render_text
from permabots.engine.templates.keyboards import render_keyboard
from permabots.engine.trace import Trace
from permabots.values import Answer, Json, storable

MAX_MESSAGES = 20
"""Messages of one answer that its author may part; what is over is joined to the last of them."""

NEXT_MESSAGE = r"\n"
"""The two characters that begin a new message in a rendered text."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What a turn may cost, the request apart.

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
    """What a turn answers.

    Args:
        service: the provider's slug.
        text: what the patterns are searched in.
        message: the incoming message as its provider shapes it for templates.
        state: the chat's present state, None before any.
        contexts: what earlier states of the chat kept, by their keys; or what gives it, called where it is needed.
        idempotency_key: the same whenever the same message is answered again.
        fallback: what is said where the turn fails, no template and no markup; "" for nothing.
    """

    service: str
    text: str
    message: Mapping[str, Json]
    state: StateDefinition | None
    contexts: Mapping[str, Json] | Callable[[], Mapping[str, Json]]
    idempotency_key: str
    fallback: str = ""

    def known_contexts(self) -> Mapping[str, Json]:
        """Return what earlier states of the chat kept."""
        return self.contexts() if callable(self.contexts) else self.contexts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn decided.

    Args:
        handler_id: the handler that answered, None for none, and for a notification.
        answer: what to send; empty for nothing.
        next_state: where the chat moves, None for staying.
        contexts: all that the chat keeps from now on, None for no change.
        trace: how it came about, JSON to be stored.
        error: what ended the turn before it came to its answer, in words and without secrets; "" for nothing.
    """

    handler_id: str | None
    answer: Answer
    next_state: StateDefinition | None
    contexts: Mapping[str, Json] | None
    trace: dict[str, Json]
    error: str = ""


class CompiledBot:
    """A bot at one revision, ready to answer, in any thread.

    Args:
        definition: what its author configured.
        limits: what a turn may cost.
    """

    def __init__(self, definition: BotDefinition, limits: EngineLimits) -> None:
        self.definition = definition
        self._matcher = Matcher(definition.handlers, timeout=limits.match_timeout)
        self._limits = RenderLimits(limits.render_timeout, limits.render_max_chars)
        self._env = environment(definition)
        self._readers: dict[str, bool] = {}
        self._redactor = Redactor(variable.value for variable in definition.variables if variable.secret)

    def answer(self, turn: TurnInput, api: Api) -> Outcome:
        """Answer a message.

        Args:
            turn: the message and the chat it stands in.
            api: makes the handler's request.
        """
        trace, budget = self._begin()
        with trace.timed("match"):
            match = self._matcher.find(turn.text, turn.state.id if turn.state else None)
        trace.matched(match)
        trace.moved(turn.state, None)
        if match.handler is None:
            return Outcome(None, Answer(), None, None, trace.finished(budget.undefined))
        contexts = turn.known_contexts() if self._reads_contexts(match.handler) else {}
        context = turn_context(turn.service, turn.message, contexts, match.groups, self._env)
        try:
            response = _ask(match.handler.request, context, budget, api, turn.idempotency_key, trace)
            answer = _render(match.handler.response, context, budget, trace)
        except TurnError as error:
            return _failed(match.handler, error, turn.fallback, trace, budget)
        target = _target(match.handler, response, trace)
        trace.moved(turn.state, target)
        kept = _contexts(turn, match.groups, response) if target else None
        return Outcome(match.handler.id, answer, target, kept, trace.finished(budget.undefined))

    def _begin(self) -> tuple[Trace, Budget]:
        return Trace(self._redactor), Budget(self._limits, self._redactor.text)

    def _reads_contexts(self, handler: HandlerDefinition) -> bool:
        """Whether a template of a handler may read what earlier states kept: the name is written out in one."""
        if (found := self._readers.get(handler.id)) is None:
            found = self._readers[handler.id] = "state_context" in repr(handler)
        return found

    def notify(self, hook: HookDefinition, data: Json, recipient: Mapping[str, Json] | None = None) -> Outcome:
        """Render a notification.

        Args:
            hook: whose templates.
            data: the JSON that was posted to it.
            recipient: who is told, for the templates; None where all are told the same.
        """
        trace, budget = self._begin()
        answer = Answer()
        context = hook_context(data, self._env) | ({} if recipient is None else {"recipient": recipient})
        try:
            answer = _render(hook.response, context, budget, trace)
        except TurnError as error:
            trace.failed(error)
        return Outcome(None, answer, None, None, trace.finished(budget.undefined))

    def name_recipients(self, hook: HookDefinition, data: Json) -> tuple[str, dict[str, Json]]:
        """Render which of its recipients a hook tells.

        Args:
            hook: whose template.
            data: the JSON that was posted to it.

        Returns:
            The names, as the template writes them, and the trace.
        """
        trace, budget = self._begin()
        names = ""
        try:
            with trace.timed("render"), at("recipients"):
                names = storable(render_parameter(hook.recipients_template, hook_context(data, self._env), budget))
        except TurnError as error:
            trace.failed(error)
        return names, trace.finished(budget.undefined)


def _failed(handler: HandlerDefinition, error: TurnError, fallback: str, trace: Trace, budget: Budget) -> Outcome:
    """Return what becomes of a turn that its author's text ended: the chat stays where it is."""
    trace.failed(error)
    texts = (escape(text, quote=False),) if (text := storable(fallback).strip()) else ()
    if texts:
        trace.fell_back(fallback)
    told = trace.finished(budget.undefined)
    line = f" (line {told['error']['line']})" if "line" in told["error"] else ""
    reason = f"{told['error'].get('where', '')}: {told['error'].get('message', '')}{line}"
    return Outcome(handler.id, Answer(texts), None, None, told, reason)


def _ask(
    request: RequestDefinition | None,
    context: dict[str, Json],
    budget: Budget,
    api: Api,
    idempotency_key: str,
    trace: Trace,
) -> ApiResponse | None:
    """Make the request, if there is one, and put its answer into the context."""
    if request is None:
        return None
    with trace.timed("render"):
        call = prepare(request, context, budget)
    response = api.call(call, idempotency_key)
    trace.called(call, response)
    context["response"] = response.for_templates()
    return response


def _render(response: ResponseDefinition, context: Mapping[str, Json], budget: Budget, trace: Trace) -> Answer:
    with trace.timed("render"), at("text"):
        rendered = render_text(response.text_template, context, budget)
    with trace.timed("render"), at("keyboard"):
        keyboard = render_keyboard(response.keyboard_template, context, budget)
    texts, joined = _messages(storable(rendered))
    trace.rendered(_messages(trace.hidden(storable(rendered)))[0], keyboard)
    trace.links_refused(budget.refused_links)
    trace.messages_joined(joined)
    return Answer(texts, keyboard) if texts else Answer()


def _messages(text: str) -> tuple[tuple[str, ...], int]:
    """Return a text's messages, and how many the last of them was joined of, 0 for none."""
    parts = [part for part in map(str.strip, text.split(NEXT_MESSAGE)) if part]
    over = len(parts) - MAX_MESSAGES + 1
    if over <= 1:
        return tuple(parts), 0
    return (*parts[: MAX_MESSAGES - 1], "\n".join(parts[MAX_MESSAGES - 1 :])), over


def _target(handler: HandlerDefinition, response: ApiResponse | None, trace: Trace) -> StateDefinition | None:
    """Return where the chat moves: nowhere if the API did not answer with success."""
    if handler.target_state is None or response is None or response.succeeded:
        return handler.target_state
    trace.kept_back(handler.target_state, response.status)
    return None


def _contexts(turn: TurnInput, groups: Mapping[str, str | None], response: ApiResponse | None) -> dict[str, Json]:
    """Return what the chat keeps: this turn's, under the name of the state it leaves, beside that of earlier ones."""
    context = {"pattern": dict(groups), "response": response.for_context() if response else {}}
    return {**turn.known_contexts(), turn.state.key if turn.state else START_KEY: context}
