"""One turn of a conversation: match, call the user API, render, choose the next state. It reads and writes no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape

from permabots.engine.context import environment, hook_context, turn_context
from permabots.engine.definitions import (
    START_KEY,
    BotDefinition,
    HandlerDefinition,
    HookDefinition,
    ResponseDefinition,
    StateDefinition,
)
from permabots.engine.http.client import Api
from permabots.engine.http.prepared import TurnError, at, prepare
from permabots.engine.http.responses import ApiResponse
from permabots.engine.http.signatures import Signer
from permabots.engine.matching import Matcher
from permabots.engine.redaction import Redactor
from permabots.engine.templates import Budget, RenderLimits, render_parameter, render_text
from permabots.engine.templates.keyboards import render_keyboard
from permabots.engine.trace import Trace
from permabots.engine.turn_values import EngineLimits, Outcome, TurnInput
from permabots.values import Answer, Json, storable

MAX_MESSAGES = 20
"""Messages of one answer at most; the texts beyond are joined to the last message."""

NEXT_MESSAGE = r"\n"
"""The two characters that begin a new message in a rendered text."""


class CompiledBot:
    """A bot at one revision, ready to answer. Threads may share it.

    Args:
        definition: the bot's configuration.
        limits: the limits of its turns.
    """

    def __init__(self, definition: BotDefinition, limits: EngineLimits) -> None:
        self.definition = definition
        self._matcher = Matcher(definition.handlers, timeout=limits.match_timeout)
        self._limits = RenderLimits(limits.render_timeout, limits.render_max_chars)
        self._signer = Signer(definition.signing_secrets) if definition.signing_secrets else None
        self._env = environment(definition)
        self._readers: dict[str, bool] = {}
        self._redactor = Redactor(variable.value for variable in definition.variables if variable.secret)

    def answer(self, turn: TurnInput, api: Api, cpu_share: float = 1.0) -> Outcome:
        """Answer a message.

        Args:
            turn: the message and its chat.
            api: the client that makes the handler's request.
            cpu_share: the part of the time that its templates compute, as `RenderLimits` has it.
        """
        trace, budget = self._begin(cpu_share)
        with trace.timed("match"):
            match = self._matcher.find(turn.text, turn.state.id if turn.state else None)
        trace.matched(match)
        trace.moved(turn.state, None)
        if match.handler is None:
            return Outcome(None, Answer(), None, None, trace.finished(budget.undefined))
        contexts = turn.load_contexts() if self._reads_contexts(match.handler) else {}
        context = turn_context(turn.service, turn.message, contexts, match.groups, self._env)
        try:
            response = self._ask(match.handler, context, budget, api, turn.idempotency_key, trace)
            answer = _render(match.handler.response, context, budget, trace)
        except TurnError as error:
            return _failed(match.handler, error, turn.fallback, trace, budget)
        target = _target(match.handler, response, trace)
        trace.moved(turn.state, target)
        kept = _contexts(turn, match.groups, response) if target else None
        return Outcome(match.handler.id, answer, target, kept, trace.finished(budget.undefined))

    def _ask(
        self, handler: HandlerDefinition, context: dict[str, Json], budget: Budget, api: Api, key: str, trace: Trace
    ) -> ApiResponse | None:
        """Make the request, if there is one, and put its response into the context."""
        if handler.request is None:
            return None
        with trace.timed("render"):
            call = prepare(handler.request, context, budget, self._signer)
        response = api.call(call, key)
        trace.called(call, response)
        context["response"] = response.for_templates()
        return response

    def _begin(self, cpu_share: float = 1.0) -> tuple[Trace, Budget]:
        limits = self._limits if cpu_share == 1 else replace(self._limits, cpu_share=cpu_share)
        return Trace(self._redactor), Budget(limits, self._redactor.text)

    def _reads_contexts(self, handler: HandlerDefinition) -> bool:
        """Whether a template of a handler may read the contexts of earlier states: one holds ``state_context``."""
        if (reads := self._readers.get(handler.id)) is None:
            reads = self._readers[handler.id] = "state_context" in repr(handler)
        return reads

    def notify(self, hook: HookDefinition, data: Json, recipient: Mapping[str, Json] | None = None) -> Outcome:
        """Render a notification.

        Args:
            hook: the hook.
            data: the JSON that was posted to it.
            recipient: ``recipient`` in its templates; None where all recipients get the same.
        """
        trace, budget = self._begin()
        answer = self._render_notification(hook, data, recipient, trace, budget)
        return Outcome(None, answer, None, None, trace.finished(budget.undefined))

    def check_notification(
        self, hook: HookDefinition, data: Json, recipient: Mapping[str, Json] | None, max_steps: int
    ) -> dict[str, Json] | None:
        """Render a notification for its trace.

        Args:
            hook: the hook.
            data: the JSON that was posted to it.
            recipient: as in `notify`.
            max_steps: steps of its templates, as `RenderLimits` has them.

        Returns:
            The trace; None where the steps were not enough.
        """
        trace = Trace(self._redactor)
        budget = Budget(replace(self._limits, max_steps=max_steps), self._redactor.text)
        self._render_notification(hook, data, recipient, trace, budget)
        return None if budget.steps < 0 else trace.finished(budget.undefined)

    def _render_notification(
        self, hook: HookDefinition, data: Json, recipient: Mapping[str, Json] | None, trace: Trace, budget: Budget
    ) -> Answer:
        context = hook_context(data, self._env) | ({} if recipient is None else {"recipient": recipient})
        try:
            return _render(hook.response, context, budget, trace)
        except TurnError as error:
            trace.failed(error)
            return Answer()

    def name_recipients(self, hook: HookDefinition, data: Json) -> tuple[str, dict[str, Json]]:
        """Render the hook's template that names the recipients of a post.

        Args:
            hook: the hook.
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
    """Return the outcome of a turn that an error in an author's template ended: the chat stays in its state."""
    trace.failed(error)
    texts = (escape(text, quote=False),) if (text := storable(fallback).strip()) else ()
    if texts:
        trace.used_fallback(fallback)
    finished = trace.finished(budget.undefined)
    line = f" (line {finished['error']['line']})" if "line" in finished["error"] else ""
    reason = f"{finished['error'].get('where', '')}: {finished['error'].get('message', '')}{line}"
    return Outcome(handler.id, Answer(texts), None, None, finished, reason)


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
    """Return a text's messages, and the number of texts that were joined to the last one, 0 for none."""
    parts = [part for part in map(str.strip, text.split(NEXT_MESSAGE)) if part]
    over = len(parts) - MAX_MESSAGES + 1
    if over <= 1:
        return tuple(parts), 0
    return (*parts[: MAX_MESSAGES - 1], "\n".join(parts[MAX_MESSAGES - 1 :])), over


def _target(handler: HandlerDefinition, response: ApiResponse | None, trace: Trace) -> StateDefinition | None:
    """Return the state that the chat moves to: none if the API's response is no success."""
    if handler.target_state is None or response is None or response.succeeded:
        return handler.target_state
    trace.did_not_move(handler.target_state, response.status)
    return None


def _contexts(turn: TurnInput, groups: Mapping[str, str | None], response: ApiResponse | None) -> dict[str, Json]:
    """Return the chat's contexts: the earlier ones, and this turn's under the key of the state that the chat leaves."""
    context = {"pattern": dict(groups), "response": response.for_context() if response else {}}
    return {**turn.load_contexts(), turn.state.key if turn.state else START_KEY: context}
