"""From a request's templates to the call that is made."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.engine.definitions import ParameterDefinition, RequestDefinition
from permabots.engine.http.prepared import PreparedCall, TurnError, prepare
from permabots.engine.templates import Budget, RenderLimits
from permabots.values import Json

FORM = ParameterDefinition("content-TYPE", "application/x-www-form-urlencoded; charset=utf-8")


def prepared(method: Any = "Get", url: str = "http://x/", data: Json = None, **fields: Any) -> PreparedCall:
    context = fields.pop("context", {"pattern": {"n": 'a"b & ü'}, "env": {"base": "http://x/"}})
    return prepare(RequestDefinition(url, method, data, **fields), context, Budget(RenderLimits()))


def failure(*args: Any, **fields: Any) -> TurnError:
    with pytest.raises(TurnError) as caught:
        prepared(*args, **fields)
    return caught.value


def test_url_parameters_and_headers_are_rendered() -> None:
    call = prepared(
        url="{{ env.base }}{{ pattern.n }}",
        url_parameters=(ParameterDefinition("q", "<{{ pattern.n }}>"), ParameterDefinition("p", "1")),
        header_parameters=(ParameterDefinition("X-Name", "<{{ pattern.n }}>"),),
    )
    assert call.url == "http://x/a%22b%20%26%20%C3%BC"
    assert call.params == (("q", '<a"b & ü>'), ("p", "1"))
    assert call.headers == {"X-Name": '<a"b & ü>'}
    assert call.address == "http://x/a%22b%20%26%20%C3%BC?q=%3Ca%22b+%26+%C3%BC%3E&p=1"


@pytest.mark.parametrize("method", ["Get", "Post", "Put", "Delete", "Patch"])
def test_the_method_is_in_capitals(method: str) -> None:
    assert prepared(method).method == method.upper()


@pytest.mark.parametrize("method", ["Get", "Delete"])
def test_some_methods_have_no_body_and_do_not_render_any(method: str) -> None:
    call = prepared(method, data={"a": "{{ 1 / 0 }}"})
    assert (call.body, call.headers) == (None, {})


@pytest.mark.parametrize("method", ["Post", "Put", "Patch"])
def test_data_is_sent_as_json(method: str) -> None:
    call = prepared(method, data={"name": "{{ pattern.n }}", "n": 1, "l": [None, True]})
    assert json.loads(call.body or b"") == {"name": 'a"b & ü', "n": 1, "l": [None, True]}
    assert call.headers == {"Content-Type": "application/json"}


def test_a_text_is_a_template_of_json() -> None:
    assert prepared("Post", data='{"name": "{{ pattern.n }}"}').body == b'{"name": "a\\"b & \\u00fc"}'


@pytest.mark.parametrize(("data", "body"), [([], b"[]"), ({}, b"{}"), (0, b"0"), (False, b"false"), ([1], b"[1]")])
def test_empty_data_is_data(data: Json, body: bytes) -> None:
    assert prepared("Post", data=data).body == body


def test_no_data_is_no_body() -> None:
    call = prepared("Post")
    assert (call.body, call.headers) == (None, {})


def test_data_that_renders_to_null_is_no_body() -> None:
    assert prepared("Post", data="{% if pattern.n %}null{% endif %}").body is None


def test_a_json_string_is_sent_as_it_is() -> None:
    call = prepared("Post", data='"{\\"a\\": 1} ü"')
    assert (call.body, call.headers) == ('{"a": 1} ü'.encode(), {})


def test_a_surrogate_that_no_encoding_knows_is_replaced() -> None:
    assert prepared("Post", data='"\\ud800"').body == b"?"


def test_the_authors_own_type_of_the_body_is_kept() -> None:
    call = prepared(
        "Post", data={"a": 1}, header_parameters=(ParameterDefinition("content-type", "application/x+json"),)
    )
    assert (call.body, call.headers) == (b'{"a": 1}', {"content-type": "application/x+json"})


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"a": "1", "l": [1, 2], "o": {"x": 1}, "n": None, "t": True}, b"a=1&l=1&l=2&o%5Bx%5D=1&t=true"),
        ([["a", "b"], ["a", "ü &"]], b"a=b&a=%C3%BC+%26"),
        ({}, b""),
        ({"a": "\ud800"}, b"a=%3F"),
    ],
)
def test_data_is_sent_as_a_form_where_a_header_says_so(data: Json, body: bytes) -> None:
    call = prepared("Post", data=data, header_parameters=(FORM,))
    assert (call.body, call.headers) == (body, {FORM.key: FORM.value_template})


def test_a_string_is_a_form_already() -> None:
    assert prepared("Post", data='"a=1&b=2"', header_parameters=(FORM,)).body == b"a=1&b=2"


@pytest.mark.parametrize("data", [5, True, ["ab"], [["a", "b", "c"]], [{"a": 1}], [[["a"], 1]], [[{"a": 1}, 1]]])
def test_what_is_no_form_is_an_error(data: Json) -> None:
    error = failure("Post", data=data, header_parameters=(FORM,))
    assert (error.where, error.cause.message) == ("data", "only an object or a list of pairs can be sent as a form")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"url": "{{ 1 / 0 }}"}, "url"),
        ({"url_parameters": (ParameterDefinition("a", "1"), ParameterDefinition("q", "{{ 1 / 0 }}"))}, "parameter q"),
        ({"header_parameters": (ParameterDefinition("X-Name", "{{ 1 / 0 }}"),)}, "header X-Name"),
        ({"method": "Post", "data": {"a": "{{ 1 / 0 }}"}}, "data"),
        ({"method": "Post", "data": '{"a": {{ "b" }}}'}, "data"),
    ],
)
def test_an_error_says_where_it_happened(fields: dict[str, Any], where: str) -> None:
    error = failure(**fields)
    assert error.where == where
    assert str(error).startswith(f"{where}: ")


def test_an_error_says_in_which_line_it_happened() -> None:
    assert failure(url="http://x/\n{% if %}").cause.line == 2


@pytest.mark.parametrize("headers", [(), (FORM,)])
@pytest.mark.parametrize(
    "data", ['{"a": NaN}', '{"a": [-Infinity]}', '{"a": {"b": 1e999}}', '[["a", NaN]]', {"a": math.nan}]
)
def test_a_number_that_json_does_not_know_is_an_error(data: Json, headers: tuple[ParameterDefinition, ...]) -> None:
    assert failure("Post", data=data, header_parameters=headers).where == "data"


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.text())
def test_the_structure_of_data_stays_whatever_values_hold(env: dict[str, str], value: str) -> None:
    data = {"a": ["{{ pattern.n }}", 1], "b": "{{ env }}"}
    call = prepared("Post", data=data, context={"pattern": {"n": value}, "env": env})
    sent = json.loads(call.body or b"")
    assert (sent["a"], list(sent)) == ([value, 1], ["a", "b"])
