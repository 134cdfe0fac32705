"""Handlers with all their parts."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Handler, Request, Response, State, UrlParam
from tests.api.conftest import Api
from tests.factories import make_handler

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

REQUEST = {
    "url_template": "http://api/{{ pattern.id }}",
    "method": "Post",
    "data": {"id": "{{ pattern.id }}", "n": [1, None, True]},
    "url_parameters": [{"key": "q", "value_template": "{{ env.q }}"}],
    "header_parameters": [{"key": "X-A", "value_template": "a"}],
}
FULL = {
    "name": "full",
    "pattern": r"^/full (?P<id>\d+)$",
    "response": {"text_template": "<b>{{ response.data.name }}</b>", "keyboard_template": '[["a"]]'},
    "request": REQUEST,
    "target_state": {"name": "Seen"},
    "source_states": [{"name": "Menu"}, {"name": "Cart"}],
    "priority": 5,
}
MINIMAL = {"name": "h", "pattern": "x", "response": {"text_template": "hi"}}


def pairs(parameters: list[dict[str, Any]]) -> dict[str, str]:
    return {row["key"]: row["value_template"] for row in parameters}


def make_full(api: Api, base: str) -> tuple[str, dict[str, Any]]:
    made = api.post(base + "handlers/", FULL)
    assert made.status_code == 201, made.content
    shown = {name: value for name, value in made.json().items() if name != "warnings"}  # that its states are new
    return f"{base}handlers/{made.json()['id']}/", shown


def test_everything_given_is_there(api: Api, base: str) -> None:
    path, made = make_full(api, base)
    request = made["request"]
    assert (request["data"], request["method"]) == (REQUEST["data"], "Post")
    assert pairs(request["url_parameters"]) == {"q": "{{ env.q }}"}
    assert pairs(request["header_parameters"]) == {"X-A": "a"}
    assert made["target_state"]["name"] == "Seen"
    assert {state["name"] for state in made["source_states"]} == {"Menu", "Cart"}
    assert api.get(path).json() == made


def test_little_is_required(api: Api, base: str) -> None:
    made = api.post(base + "handlers/", MINIMAL).json()
    assert (made["enabled"], made["priority"], made["request"], made["target_state"]) == (True, 0, None, None)
    assert (made["response"]["keyboard_template"], made["source_states"]) == ("", [])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_was_read_can_be_written_back(api: Api, base: str, method: str) -> None:
    path, made = make_full(api, base)
    answer = api(method, path, made)
    assert answer.status_code == 200
    assert _undated(answer.json()) == _undated(made)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({}, {}),
        ({"name": "n2"}, {"name": "n2"}),
        ({"target_state": None}, {"target_state": None}),
        ({"request": None}, {"request": None}),
        ({"source_states": []}, {"source_states": []}),
        ({"source_states": None}, {"source_states": []}),
        ({"enabled": False, "priority": -1}, {"enabled": False, "priority": -1}),
    ],
)
def test_a_change_leaves_what_it_does_not_name(
    api: Api, base: str, method: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    path, made = make_full(api, base)
    assert _undated(api(method, path, body).json()) == _undated({**made, **change})


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_keyboard_is_taken_away(api: Api, base: str, nothing: Any) -> None:
    path, made = make_full(api, base)
    response = api.put(path, {"response": {"keyboard_template": nothing}}).json()["response"]
    assert response == {"text_template": made["response"]["text_template"], "keyboard_template": ""}


def test_parameters_are_changed_by_key_and_added(api: Api, base: str) -> None:
    path, made = make_full(api, base)
    changes = [{"key": "q", "value_template": "new"}, {"key": "r", "value_template": "more"}]
    request = api.put(path, {"request": {"url_parameters": changes}}).json()["request"]
    assert pairs(request["url_parameters"]) == {"q": "new", "r": "more"}
    assert request["url_parameters"][0]["id"] == made["request"]["url_parameters"][0]["id"]
    assert request["header_parameters"] == made["request"]["header_parameters"]


def test_null_takes_all_parameters_away(api: Api, base: str) -> None:
    path, _ = make_full(api, base)
    request = api.put(path, {"request": {"url_parameters": None}}).json()["request"]
    assert (request["url_parameters"], pairs(request["header_parameters"])) == ([], {"X-A": "a"})


def test_a_request_taken_away_leaves_no_row(api: Api, base: str) -> None:
    path, _ = make_full(api, base)
    api.put(path, {"request": None})
    assert (Request.objects.count(), UrlParam.objects.count()) == (0, 0)


def test_a_handler_without_a_request_can_be_given_one(api: Api, base: str, bot: Bot) -> None:
    path = f"{base}handlers/{make_handler(bot).pk}/"
    assert api.put(path, {"request": {"url_template": "http://x/"}}).json()["request"]["method"] == "Get"


def test_a_handler_without_a_request_cannot_be_given_a_part_of_one(api: Api, base: str, bot: Bot) -> None:
    answer = api.put(f"{base}handlers/{make_handler(bot).pk}/", {"request": {"method": "Put"}})
    assert (answer.status_code, answer.json()) == (400, {"request": {"url_template": ["This field is required."]}})


@pytest.mark.parametrize(
    "data", [{"a": "b"}, [1, "2", None], "{{ a }}", '{"a": 1}', 5, 0, False, {}, [], None, {"ü": ["\n", 1.5]}]
)
def test_data_comes_back_as_it_was_given(api: Api, base: str, bot: Bot, data: Any) -> None:
    path = f"{base}handlers/{make_handler(bot, request={'url_template': 'http://x/'}).pk}/"
    assert api.put(path, {"request": {"data": data}}).json()["request"]["data"] == data
    assert api.get(path).json()["request"]["data"] == data


def test_states_are_found_by_their_folded_names(api: Api, base: str, bot: Bot) -> None:
    menu = State.objects.create(bot=bot, name="Main Menu")
    made = api.post(base + "handlers/", {**MINIMAL, "target_state": {"name": "main  MENU"}}).json()
    assert made["target_state"]["id"] == str(menu.pk)


def test_a_deleted_handler_takes_its_parts_along(api: Api, base: str) -> None:
    path, _ = make_full(api, base)
    assert api.delete(path).status_code == 204
    assert not any(model.objects.exists() for model in (Handler, Request, Response, UrlParam))
    assert State.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"pattern": "("}, ["pattern"]),
        ({"response": {"text_template": "{{ a"}}, ["response", "text_template"]),
        ({"response": {"text_template": "x", "keyboard_template": "[["}}, ["response", "keyboard_template"]),
        ({"request": {**REQUEST, "method": "get"}}, ["request", "method"]),
        ({"request": {**REQUEST, "data": {"a": "{{ b"}}}, ["request", "data"]),
        ({"request": {**REQUEST, "data": {"a": "\x00"}}}, ["request", "data"]),
        ({"request": {**REQUEST, "data": "\ud83d"}}, ["request", "data"]),
        ({"request": {**REQUEST, "url_parameters": [{"key": "q"}]}}, ["request", "url_parameters"]),
        ({"request": {**REQUEST, "url_parameters": REQUEST["url_parameters"] * 2}}, ["request", "url_parameters"]),
        ({"target_state": {}}, ["target_state", "name"]),
        ({"source_states": [{"name": ""}]}, ["source_states"]),
        ({"priority": 2**31}, ["priority"]),
        ({"name": "a\x00"}, ["name"]),
    ],
)
def test_nothing_is_written_when_a_part_is_wrong(api: Api, base: str, change: dict[str, Any], where: list[str]) -> None:
    path, made = make_full(api, base)
    counts = [model.objects.count() for model in (Handler, Request, Response, State, UrlParam)]
    for answer in (api.post(base + "handlers/", {**FULL, **change}), api.put(path, change)):
        assert answer.status_code == 400, answer.content
        content = answer.json()
        for name in where:
            content = content[name]
        assert content
    assert [model.objects.count() for model in (Handler, Request, Response, State, UrlParam)] == counts
    assert api.get(path).json() == made


def test_the_list_is_in_the_order_in_which_handlers_are_tried(api: Api, base: str, bot: Bot) -> None:
    for name, priority in (("b", 0), ("a", 0), ("c", 7)):
        make_handler(bot, priority=priority, name=name)
    assert [row["name"] for row in api.get(base + "handlers/").json()] == ["c", "b", "a"]


def _undated(row: dict[str, Any]) -> dict[str, Any]:
    request = row["request"]
    if request is not None:
        lists = {name: pairs(request[name]) for name in ("url_parameters", "header_parameters")}
        request = {**request, **lists}
    return {**row, "request": request, "updated_at": None, "warnings": None}


@pytest.mark.parametrize("name", ["url_parameters", "header_parameters"])
def test_no_parameter_is_null(api: Api, base: str, name: str) -> None:
    body = {"name": "h", "pattern": "x", "response": {"text_template": "x"}}
    answer = api.post(base + "handlers/", {**body, "request": {"url_template": "http://x/", name: [None]}})
    expected = {"request": {name: {"0": {"non_field_errors": ["This field may not be null."]}}}}
    assert (answer.status_code, answer.json()) == (400, expected)


def test_no_source_state_is_null(api: Api, base: str) -> None:
    body = {"name": "h", "pattern": "x", "response": {"text_template": "x"}, "source_states": [None]}
    answer = api.post(base + "handlers/", body)
    assert answer.status_code == 400
    assert answer.json() == {"source_states": {"0": {"non_field_errors": ["This field may not be null."]}}}
