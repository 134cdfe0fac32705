"""A whole turn. The user's API is a real server on this machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from permabots.engine.definitions import (
    BotDefinition,
    RequestDefinition,
    VariableDefinition,
)
from permabots.engine.http.client import UserApi
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits, Outcome
from permabots.testing.http11 import Reply
from permabots.testing.user_api import UserApiServer
from permabots.values import Answer, Button, storable
from tests.engine.api_server import server as server
from tests.engine.turns import DETAIL, MENU, answered, bot, handler, turn
from tests.engine.turns import api as api

# Matching


def test_a_message_that_no_handler_fits_is_not_answered(api: UserApi) -> None:
    outcome = bot(handler("^a$")).answer(turn("b"), api)
    assert outcome == Outcome(None, Answer(), None, None, outcome.trace)
    assert outcome.trace["rejected"] == [{"id": "h", "name": "on ^a$", "reason": "pattern"}]
    assert outcome.trace["rejected_total"] == 1
    assert "handler" not in outcome.trace


def test_the_handler_that_fits_answers(api: UserApi) -> None:
    outcome = bot(handler("^a$", id="1"), handler("^b$", "yes", id="2")).answer(turn("b"), api)
    assert (outcome.handler_id, outcome.answer) == ("2", Answer(("yes",)))
    assert outcome.trace["handler"] == {"id": "2", "name": "on ^b$"}


def test_a_handler_answers_in_its_source_states_only(api: UserApi) -> None:
    compiled = bot(handler("", source_states=frozenset({MENU.id})))
    assert compiled.answer(turn("x", MENU), api).handler_id == "h"
    assert compiled.answer(turn("x", DETAIL), api).handler_id is None
    assert compiled.answer(turn("x"), api).handler_id is None


def test_the_definition_can_be_asked_for() -> None:
    assert bot().definition.revision == 1


# The text


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("x", ("x",)),
        ("  x \n", ("x",)),
        (r"a\nb", ("a", "b")),
        (r" a \n  \n b ", ("a", "b")),
        (r"\na\n", ("a",)),
        ("a\nb\tc", ("a\nb\tc",)),
        ("", ()),
        (" \n ", ()),
        (r"\n \n", ()),
        ("{{ nothing }}", ()),
    ],
)
def test_a_text_is_trimmed_and_split_at_backslash_n(api: UserApi, template: str, texts: tuple[str, ...]) -> None:
    assert answered(api, "x", template).answer.texts == texts


def test_templates_see_the_whole_context(api: UserApi) -> None:
    template = (
        "{{ service }}|{{ pattern.n }}|{{ message.message.from_user.first_name }}|{{ env.shop }}"
        "|{{ state_context._start.pattern.a }}|{{ response }}|{{ emoji.slice_of_pizza }}"
    )
    variables = (VariableDefinition("shop", "<b>Shop</b>"),)
    compiled = bot(handler("(?P<n>.*)", template), variables=variables)
    outcome = compiled.answer(turn("<i>", MENU, {"_start": {"pattern": {"a": "1"}, "response": {}}}), api)
    assert outcome.answer.texts == ("telegram|&lt;i&gt;|Ann &amp; Bob|<b>Shop</b>|1|{}|\N{SLICE OF PIZZA}",)


def test_what_no_database_takes_is_replaced(api: UserApi) -> None:
    outcome = answered(api, "x", r"{{ 'a\x00b' }}", keyboard=r"['\ud800']")
    assert outcome.answer == storable_answer(outcome.answer)
    assert outcome.answer.texts == ("a\ufffdb",)


def storable_answer(answer: Answer) -> Answer:
    rows = tuple(tuple(Button(*map(storable, (b.label, b.data, b.url))) for b in row) for row in answer.keyboard)
    return Answer(tuple(map(storable, answer.texts)), rows)


# The keyboard


def test_the_keyboard_belongs_to_the_answer(api: UserApi) -> None:
    outcome = answered(api, "x", "text", keyboard="[['{{ pattern }}'], [('b', 'http://x/')]]")
    assert outcome.answer.keyboard == ((Button("{}", "{}"),), (Button("b", url="http://x/"),))
    assert outcome.trace["keyboard"] == [[{"label": "{}", "data": "{}"}], [{"label": "b", "url": "http://x/"}]]


def test_an_empty_text_sends_no_keyboard_and_the_trace_says_so(api: UserApi) -> None:
    outcome = answered(api, "x", "{{ nothing }}", keyboard="['a', 'b']")
    assert outcome.answer == Answer()
    assert outcome.trace["notes"] == ["the text is empty: nothing is sent, nor is the keyboard of 2 buttons"]


def test_an_empty_text_is_told(api: UserApi) -> None:
    assert answered(api, "x", "").trace["notes"] == ["the text is empty: nothing is sent"]


# The state


def test_the_chat_moves_and_keeps_its_context(api: UserApi) -> None:
    outcome = bot(handler("^go (?P<id>.)(?P<no>!)?$", target_state=MENU)).answer(turn("go 5"), api)
    assert outcome.next_state == MENU
    assert outcome.contexts == {"_start": {"pattern": {"id": "5", "no": None}, "response": {}}}
    assert outcome.trace["state"] == {"to": "Main Menu"}


def test_the_context_is_kept_under_the_state_that_is_left_beside_earlier_ones(
    server: UserApiServer, api: UserApi
) -> None:
    earlier = {"_start": {"pattern": {"a": "x"}, "response": {}}}
    compiled = bot(handler("(?P<b>.)", target_state=DETAIL, request=RequestDefinition(f"{server.base}/item/3")))
    outcome = compiled.answer(turn("y", MENU, earlier), api)
    assert outcome.contexts == {
        "_start": {"pattern": {"a": "x"}, "response": {}},
        "main_menu": {"pattern": {"b": "y"}, "response": {"status": 200, "data": {"id": "3", "name": "author3"}}},
    }
    assert outcome.trace["state"] == {"from": "Main Menu", "to": "detail"}
    assert earlier == {"_start": {"pattern": {"a": "x"}, "response": {}}}


def test_the_context_is_kept_when_the_target_is_the_present_state(api: UserApi) -> None:
    outcome = bot(handler("(?P<a>.)", target_state=MENU)).answer(turn("2", MENU, {"main_menu": "old"}), api)
    assert (outcome.next_state, outcome.contexts) == (MENU, {"main_menu": {"pattern": {"a": "2"}, "response": {}}})


def test_without_target_nothing_is_kept(api: UserApi) -> None:
    outcome = bot(handler("")).answer(turn("x", MENU, {"_start": {}}), api)
    assert (outcome.next_state, outcome.contexts) == (None, None)
    assert outcome.trace["state"] == {"from": "Main Menu"}


def test_an_empty_text_moves_the_chat_all_the_same(api: UserApi) -> None:
    outcome = answered(api, "x", "{{ nothing }}", target_state=MENU)
    assert (outcome.answer, outcome.next_state) == (Answer(), MENU)


# What the author got wrong


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"text": "{{ 1 / 0 }}"}, "text"),
        ({"keyboard": "{{ 1 / 0 }}"}, "keyboard"),
        ({"keyboard": "['a'"}, "keyboard"),
        ({"text": "", "keyboard": "5 +"}, "keyboard"),
    ],
)
def test_an_error_in_the_answer_ends_the_turn_without_answer_and_move(
    api: UserApi, fields: dict[str, Any], where: str
) -> None:
    outcome = bot(handler("", target_state=MENU, **fields)).answer(turn("x", DETAIL), api)
    assert outcome == Outcome("h", Answer(), None, None, outcome.trace, outcome.error)
    assert outcome.trace["error"]["where"] == where
    assert outcome.error.startswith(f"{where}: {outcome.trace['error']['message']}")
    assert outcome.trace["state"] == {"from": "detail"}


def test_an_error_names_its_line(api: UserApi) -> None:
    outcome = answered(api, "x", "a\n{% if %}")
    assert (outcome.trace["error"]["line"], outcome.error.endswith("(line 2)")) == (2, True)


def test_a_name_that_is_not_defined_renders_as_nothing(api: UserApi) -> None:
    outcome = answered(api, "x", "{{ a.b.c }}{{ state_context._start.pattern.id }} x", target_state=MENU)
    assert (outcome.answer.texts, outcome.next_state) == (("x",), MENU)
    assert outcome.trace["undefined"] == ["a.b.c", "state_context._start.pattern.id"]


def test_rendering_keeps_to_its_limits(api: UserApi) -> None:
    definition = BotDefinition("b", 1, (handler("", "{{ 'x' * 200 }}"),))
    outcome = CompiledBot(definition, EngineLimits(render_max_chars=100)).answer(turn("x"), api)
    assert outcome.answer == Answer()
    assert outcome.trace["error"]["where"] == "text"


# The trace as a whole


def test_a_trace_is_json_that_any_database_takes(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/x", lambda _: Reply(200, rb'{"a\u0000": "\ud800"}'))
    outcome = answered(
        api, "x", "{{ response.data }}", request=RequestDefinition(f"{server.base}/x"), target_state=MENU
    )
    for value in (outcome.trace, outcome.contexts):
        assert json.loads(json.dumps(value)) == value == storable(value)


def test_times_are_told_for_each_step(server: UserApiServer, api: UserApi) -> None:
    outcome = answered(api, "x", "x", request=RequestDefinition(f"{server.base}/list"))
    assert list(outcome.trace["ms"]) == ["match", "render", "request"]
    assert all(ms >= 0 for ms in outcome.trace["ms"].values())
