"""Conversations as JSON: read as they were written, and refused where they are none."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.engine.test_steps import MOST_STEPS, Step, StubResponse, read
from permabots.values import Button, DisplayedMessage

KEYBOARD = ((Button("Yes", "yes"), Button("No")), (Button("Site", url="https://example.com"),))
STEP = {"said": "hello", "messages": [{"text": "Hi"}], "state": None}


def test_a_step_is_read_as_it_was_written() -> None:
    step = Step(
        "yes",
        True,
        StubResponse(200, {"a": [1]}),
        (DisplayedMessage("Hi", KEYBOARD), DisplayedMessage("there")),
        "menu",
    )
    written = step.as_json()
    assert written == {
        "pressed": "yes",
        "api": {"status": 200, "data": {"a": [1]}},
        "messages": [
            {
                "text": "Hi",
                "buttons": [
                    [{"label": "Yes", "data": "yes"}, {"label": "No", "data": "No"}],
                    [{"label": "Site", "url": "https://example.com"}],
                ],
            },
            {"text": "there"},
        ],
        "state": "menu",
    }
    assert [found.as_json() for found in read([written])] == [written]


def test_a_step_without_a_request_has_no_answer_of_the_api() -> None:
    (step,) = read([STEP])
    assert step == Step("hello", False, None, (DisplayedMessage("Hi"),), None)
    assert step.as_json() == STEP


def test_the_data_of_an_answer_may_be_left_out() -> None:
    assert read([{**STEP, "api": {"status": 0}}])[0].api == StubResponse(0, {})


def test_what_no_database_takes_is_replaced_when_written() -> None:
    assert Step("\0", False, None, (), None).as_json()["said"] == "�"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({}, "The steps are a list"),
        ([STEP] * (MOST_STEPS + 1), "at most 200 steps"),
        ([{**STEP, "said": "\0"}], "NUL"),
        ([STEP, "x"], "step 2: it is an object"),
        ([{"said": "x", "state": None}], "step 1: messages is missing"),
        ([{**STEP, "answer": 1}], "step 1: there is no 'answer'"),
        ([{**STEP, "pressed": "x"}], "step 1: it has either said or pressed"),
        ([{"messages": [], "state": None}], "step 1: it has either said or pressed"),
        ([{**STEP, "said": 1}], "step 1, what was said: it is a text"),
        ([{**STEP, "state": 1}], "step 1, state: it is a text"),
        ([{**STEP, "messages": {}}], "step 1, messages: it is a list"),
        ([{**STEP, "messages": [{"text": 1}]}], "step 1, message 1, text: it is a text"),
        ([{**STEP, "messages": [{"text": "x", "buttons": [{}]}]}], "message 1, buttons: it is a list"),
        ([{**STEP, "messages": [{"text": "x", "buttons": [[{"label": "x"}]]}]}], "either data or a url"),
        ([{**STEP, "messages": [{"text": "x", "buttons": [[{"label": 1, "url": "x"}]]}]}], "buttons, label"),
        *[([{**STEP, "api": {"status": it}}], "step 1, api: an answer has a status") for it in (True, "200", 100, 600)],
    ],
)
def test_what_is_no_conversation_is_refused_with_its_place(value: Any, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        read(value)
