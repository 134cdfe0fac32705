"""Calls that Schemathesis makes up from the served schema, over HTTP: no server error, no answer beyond the schema.

``PERMABOTS_FUZZ_EXAMPLES`` says how many the fuzzing phase makes up for each operation; all phases run then, with all
checks: the schema's own examples, every border of every field (coverage), calls that follow upon each other's answers
(stateful). ``PERMABOTS_FUZZ_SECONDS`` has them run again and again for so long. `make fuzz` sets both. Without them
there is one call of the fuzzing phase for each, by the same seed each time.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.db import connections
from schemathesis import engine
from schemathesis.config import CacheConfig, SchemathesisConfig
from schemathesis.engine import Status, events
from schemathesis.hooks import unregister

from permabots.models.registry import providers
from tests.api.conftest import ROOT, StandIns
from tests.api.conftest import standins as standins
from tests.api.fuzz.seeds import Seeds
from tests.pipeline.conftest import telegram as telegram

EXAMPLES = int(os.environ.get("PERMABOTS_FUZZ_EXAMPLES", "0"))
SECONDS = float(os.environ.get("PERMABOTS_FUZZ_SECONDS", "0"))
_OF_ANOTHER_TYPE = re.compile('is not of (type|types) .*"(string|boolean|integer)"')
LEAST = 20
"""Answers of 2xx that each operation gives, where many are tried."""


@pytest.fixture
def seeds(transactional_db: None, standins: StandIns, settings: Any) -> Iterator[Seeds]:
    settings.PERMABOTS = {**settings.PERMABOTS, "API_THROTTLES": None}
    made = Seeds()
    yield made
    made.snapshot.drop()


@pytest.fixture
def served(live_server: Any, seeds: Seeds) -> Iterator[Any]:
    """The schema as the server has it, whose calls have ids that exist."""
    schema: Any = schemathesis.openapi.from_url(
        f"{live_server.url}{ROOT}schema/", config=SchemathesisConfig(cache=CacheConfig(enabled=False))
    )
    schema.config.update(headers={"Authorization": f"Token {seeds.token}"}, workers=1, continue_on_failure=True)
    schema.config.generation.update(max_examples=EXAMPLES or 1, deterministic=not EXAMPLES)
    # The ids are ours (`Seeds.fill`): with a few from answers Hypothesis would soon have tried all there are.
    schema.config.phases.fuzzing.extra_data_sources.responses = False
    # Whether a template, a regular expression or a set of credentials can be used is beyond any schema.
    schema.config.checks.positive_data_acceptance.expected_statuses = ["2xx", "400", "401", "404", "409", "412", "428"]
    if not EXAMPLES:
        for phase in (schema.config.phases.examples, schema.config.phases.coverage, schema.config.phases.stateful):
            phase.enabled = False

    @schemathesis.hook
    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        seeds.fill(case)
        connections.close_all()  # Schemathesis calls from a thread of its own

    @schemathesis.hook
    def after_call(context: Any, case: Any, response: Any) -> None:
        seeds.note(case, response.status_code)
        connections.close_all()

    yield schema
    unregister(before_call)
    unregister(after_call)


def failures(schema: Any) -> Iterator[str]:
    """Run all phases, again and again where there is time for it; yields what failed."""
    end = time.monotonic() + SECONDS
    while True:
        yield from _of_one_run(engine.from_schema(schema).execute(), end)
        if time.monotonic() >= end:
            return


def _of_one_run(stream: Any, end: float) -> Iterator[str]:
    for event in stream:
        if SECONDS and time.monotonic() >= end:
            stream.stop()
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield repr(event.value if isinstance(event, events.NonFatalError) else event.exception)
        elif isinstance(event, events.ScenarioFinished):
            yield from _of_scenario(event.recorder)


def _of_scenario(recorder: Any) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        case, answer = recorder.cases[case_id].value, recorder.interactions[case_id].response
        told = f"{answer.status_code} {answer.content[:300]!r}" if answer else "no answer"
        for check in checks:
            if check.status == Status.FAILURE and not is_decided(check.name, case):
                yield f"{check.name}: {case.as_curl_command()}\n{told}\n{check.failure_info.failure}"


def is_decided(check: str, case: Any) -> bool:
    """Whether a failed check is of what the API does on purpose, and no schema says.

    A bot without an account has none: 404, though its address has no id of its own. What is read in another form than
    it was written is taken, as permabots 2.2.3 did: ``{"value": 5}`` as ``{"value": "5"}``, ``{"enabled": 0}`` as
    false, and texts without the blanks around them.
    """
    if check == "ensure_resource_availability":
        return case.operation.path in {f"/bots/{{bot_id}}/{slug}/" for slug in providers()}
    errors = [error for part in case.operation.body for error in part.get_validator().iter_errors(case.body)]
    return check == "negative_data_rejection" and bool(errors) and all(map(_is_of_form, errors))


def _is_of_form(error: Any) -> bool:
    """Whether an error is of the form alone; where several schemas would do, by one of them."""
    kind, value = error.kind, error.instance
    if branches := getattr(kind, "context", None):
        return any(all(map(_is_of_form, branch)) for branch in branches)
    if kind.name == "maxLength":
        return len(value.strip()) <= kind.limit
    return _OF_ANOTHER_TYPE.search(error.message) is not None and isinstance(value, str | int | float)


@pytest.mark.timeout(3600 + SECONDS if EXAMPLES else 120)
def test_an_answer_is_what_the_schema_says(served: Any, seeds: Seeds) -> None:
    found = list(failures(served))
    print(seeds.table())
    assert not found, "\n\n".join([*found[:20], f"{len(found)} failures"])
    if SECONDS:
        return  # not all operations may have been reached
    assert len(seeds.counts) == sum(len(methods) for methods in served.raw_schema["paths"].values())
    assert not EXAMPLES or seeds.fewest() >= LEAST
