"""Conversation tests: steps said to a bot, and its answers compared with those that were saved.

Nothing is sent, and nothing stored. A test never calls the user's API: it answers what the test says.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from itertools import takewhile

from permabots.conf import get_config
from permabots.engine.definitions import StateDefinition, state_key
from permabots.engine.http.client import Api
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.responses import ApiResponse
from permabots.engine.test_steps import Step, StubResponse
from permabots.models import Bot, ConversationTest
from permabots.models.registry import providers
from permabots.pipeline.authoring.simulate import Question, Simulation, api_of, simulate
from permabots.providers.base.contract import Provider
from permabots.values import Button, DisplayedMessage, Kind, Payload

MOST_LINES = 400
"""Lines of a test that are compared, of what was expected and of what was answered."""
NO_SAVED_RESPONSE = "the test has no answer of the API for this step"
LATE = "the time for one run (CONVERSATION_TEST_TIMEOUT) was over before it was through: run fewer tests at once"


@dataclass(frozen=True, slots=True)
class Played:
    """One step: what was said to a bot, and what it answered.

    Args:
        step: to be written down; its API's answer is that which was given.
        after: what was asked, with the state and the contexts that the chat then has.
        simulation: the whole of what the bot would do.
    """

    step: Step
    after: Question
    simulation: Simulation


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a test.

    Args:
        test: the row.
        diff: between what was to be answered and what was, as a unified diff; "" where they are the same.
        problem: why it could not be run, else "".
    """

    test: ConversationTest
    diff: str = ""
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not (self.diff or self.problem)


class Recorder:
    """Calls an API and keeps its last answer.

    Args:
        api: what answers.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self.answer: StubResponse | None = None

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        response = self._api.call(prepared, idempotency_key)
        self.answer = StubResponse(response.status, response.data)
        return response


class NoRequestApi:
    """The API of a step that was saved without a request."""

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        return ApiResponse(0, error=NO_SAVED_RESPONSE)


def play(bot: Bot, question: Question, api: Api | None = None) -> Played:
    """Run one step.

    Args:
        bot: with its integrations.
        question: what is said, and where the chat is.
        api: what requests are made through; None for what the question says.
    """
    recorder = Recorder(api or api_of(bot, question.response))
    simulation = simulate(bot, question, recorder)
    outcome = simulation.outcome
    after = replace(
        question,
        state=outcome.next_state or question.state,
        contexts=question.contexts if outcome.contexts is None else outcome.contexts,
    )
    step = Step(
        text=question.text,
        pressed=question.kind is Kind.BUTTON,
        api=recorder.answer,
        messages=seen(providers()[question.service], simulation.payloads),
        state=after.state.name if after.state else None,
    )
    return Played(step, after, simulation)


def seen(provider: Provider, payloads: Iterable[Payload]) -> tuple[DisplayedMessage, ...]:
    """Return what a person sees of calls, with the data of buttons that were too long for the provider."""
    return tuple(
        replace(message, keyboard=tuple(tuple(_whole(it, payload) for it in row) for row in message.keyboard))
        for payload in payloads
        for message in provider.preview(payload)
    )


def _whole(button: Button, payload: Payload) -> Button:
    return (
        replace(button, data=payload.stored_callback_data.get(button.data, button.data))
        if button.data is not None
        else button
    )


def deadline() -> float:
    """Return until when a run that begins now may take a process that serves other people too."""
    return time.monotonic() + get_config().conversation_test_timeout


def run(bot: Bot, tests: Iterable[ConversationTest], until: float = math.inf) -> list[Result]:
    """Run tests by the configuration in force, and compare.

    Args:
        bot: with its integrations.
        tests: some of its tests.
        until: no further step is begun then, by `time.monotonic`; a test that is not through has that as its problem.
    """
    states = {row.key: row.definition() for row in bot.states.all()}
    return [_run(bot, test, states, until) for test in tests]


def _run(bot: Bot, test: ConversationTest, states: dict[str, StateDefinition], until: float) -> Result:
    start = states.get(state_key(test.state)) if test.state is not None else None
    if test.provider not in providers():
        return Result(test, problem=f"there is no messenger {test.provider!r}")
    if test.state is not None and start is None:
        return Result(test, problem=f"the bot has no state {test.state!r}")
    steps = test.dialogue()
    held = list(_replay(bot, Question(test.provider, "", state=start), steps, until))
    if len(held) < len(steps):
        return Result(test, problem=LATE)
    expected, answered = [], []
    for step, played in held:
        wanted, got = list(lines(step)), list(lines(played.step))
        expected += wanted
        answered += got if got == wanted else [*got, *(f"  ! {reason}" for reason in _reasons(played.simulation))]
    return Result(test, _diff(test.name, expected, answered))


def _diff(name: str, expected: Sequence[str], answered: Sequence[str]) -> str:
    """Return what differs, "" for nothing. Comparing takes the square of the lines: of many, those around the first
    difference are compared."""
    note = []
    if max(len(expected), len(answered)) > MOST_LINES and expected != answered:
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(expected, answered, strict=False))))
        begin = max(0, same - 3)
        expected, answered = expected[begin : begin + MOST_LINES], answered[begin : begin + MOST_LINES]
        note = [f"(of many lines, {MOST_LINES} from line {begin + 1} on)"]
    diff = unified_diff(expected, answered, f"{name}: expected", f"{name}: answered", lineterm="")
    return "\n".join([*note, *diff])


def _replay(bot: Bot, question: Question, steps: Iterable[Step], until: float) -> Iterator[tuple[Step, Played]]:
    for step in steps:
        if time.monotonic() >= until:
            return
        api = api_of(bot, step.api) if step.api is not None else NoRequestApi()
        kind = Kind.BUTTON if step.pressed else Kind.TEXT
        played = play(bot, replace(question, text=step.text, kind=kind), api)
        question = played.after
        yield step, played


def lines(step: Step) -> Iterator[str]:
    """Yield a step as people read it, line by line."""
    said = f"> press: {step.text}" if step.pressed else f"> {step.text}"
    yield from _indented(said)
    for message in step.messages:
        yield from _indented(f"< {message.text}")
        for row in message.keyboard:
            yield "  " + " ".join(f"[{_worded(button)}]" for button in row)
    if not step.messages:
        yield "  (no answer)"
    yield f"  state: {step.state or 'none'}"


def _indented(text: str) -> Iterator[str]:
    first, *more = text.split("\n")
    yield first
    yield from (f"  {line}" for line in more)


def _worded(button: Button) -> str:
    if button.url is not None:
        return f"{button.label} → {button.url}"
    return button.label if button.data in (None, button.label) else f"{button.label} = {button.data}"


def _reasons(simulation: Simulation) -> Iterator[str]:
    """Yield the lines of a trace that say why the answer differs."""
    trace = simulation.outcome.trace
    handler, error, request = trace.get("handler"), trace.get("error"), trace.get("request")
    yield f"answered by {handler['name']}" if handler else "no handler answers"
    if error:
        yield f"{error['where']}: {error['message']}"
    if request and request.get("error"):
        yield f"the API: {request['error']}"
    yield from trace.get("notes", ())
