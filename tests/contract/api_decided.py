"""Where the REST API answers otherwise than the original, on purpose: which calls, how, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.contract.api_changes import (
    FULL,
    NOT_FOUND,
    PLAIN,
    ROW,
    a_state,
    full,
    handler,
    hook,
    listed_handlers,
    parameter,
    parsed_data,
    provider_refused,
    refused,
    request,
    to,
    with_content,
    with_request,
    without,
    without_two,
)
from tests.contract.api_recorded import TEXT, Answer
from tests.contract.api_rows import Decision

_BEFORE = {"target_state": {**a_state("fresh"), "id": "<uuid:state-fresh>"}}
_FIRST = request(url_template="http://api/{{pattern.id}}", method="Post", data={"a": "{{pattern.id}}", "n": 1})
_FRESH = {**a_state("fresh"), "id": "<uuid:state-fresh>"}
_TELEGRAM = {**ROW, "id": "<uuid:chatstate-telegram>", "chat": 501, "user": 601}
_KIK = {**ROW, "id": "<uuid:chatstate-kik>", "chat": "kchat", "user": "kuser"}
_MESSENGER = {**ROW, "id": "<uuid:chatstate-messenger>", "chat": "psid"}
_NO_SUCH_STATE_OR_CHAT = (631, 633, 634, 655, 674, 676, 677, 698, 715, 738)
_CHAT_AGAIN = (620, 624, 664, 667, 707, 708)

DECIDED: dict[int, Decision] = {
    42: Decision("no account", lambda then: NOT_FOUND),
    45: Decision("tokens", refused("token")),
    52: Decision("others", lambda then: NOT_FOUND),
    60: Decision("new credentials", provider_refused("telegram")),
    61: Decision("refused change", provider_refused("telegram")),
    89: Decision("no account", lambda then: NOT_FOUND),
    96: Decision("one account", provider_refused("kik")),
    123: Decision("one account", lambda then: NOT_FOUND),
    124: Decision("no account", lambda then: NOT_FOUND),
    128: Decision("others", lambda then: NOT_FOUND),
    164: Decision("doubles", refused("key")),
    166: Decision("doubles", without(2)),
    197: Decision("doubles", refused("name")),
    201: Decision("doubles", without(2)),
    230: Decision("required", to(201, handler())),
    231: Decision("required", to(201, handler())),
    232: Decision("no keyboard", with_content(response=PLAIN)),
    253: Decision("html", to(201, handler(response={**PLAIN, "text_template": "<strong>x</strong>"}))),
    277: Decision(
        "keyboards", to(201, handler(response={**PLAIN, "keyboard_template": '[["{{ response.data[0].x }}"]]'}))
    ),
    290: Decision(
        "nested",
        lambda then: with_request(
            url_parameters=[parameter("q", "{{env.k}}")], header_parameters=[parameter("X-H", "v")]
        )(parsed_data(then)),
    ),
    292: Decision("required", to(201, handler(request=request(url_template="http://api/")))),
    302: Decision("data checked", to(400, {"request": {"data": [TEXT]}})),
    304: Decision("twins", to(201, handler(target_state={**a_state("twin"), "id": "<uuid:state-twin1>"}))),
    306: Decision("cleared", to(201, handler())),
    307: Decision("nested", with_content(source_states=[a_state("menu")])),
    308: Decision("data checked", lambda then: replace(then, content=listed_handlers(then.content))),
    316: Decision(
        "limits",
        to(
            200,
            full(
                **_BEFORE,
                name="n2",
                pattern="x" * 251,
                enabled=True,
                priority=5,
                **{
                    "request": _FIRST,
                    "response": {"text_template": "<b>{{response.data.name}}</b>", "keyboard_template": '[["a"]]'},
                },
            ),
        ),
    ),
    322: Decision(
        "limits",
        to(
            200, full(**_BEFORE, request=_FIRST, response={"text_template": "x" * 1001, "keyboard_template": '[["a"]]'})
        ),
    ),
    **{
        number: Decision(
            "cleared",
            to(200, full(**_BEFORE, request=_FIRST, response={"text_template": "new", "keyboard_template": ""})),
        )
        for number in (324, 325)
    },
    326: Decision(
        "html",
        to(
            200,
            full(**_BEFORE, request=_FIRST, response={"text_template": "<em>x</em>", "keyboard_template": '[["z"]]'}),
        ),
    ),
    332: Decision("data", with_request(data={"a": "b"})),
    334: Decision(
        "parameters by PUT",
        to(200, full(**_BEFORE, request={**FULL["request"], "url_parameters": [parameter("nope", "x")]})),
    ),
    337: Decision("twins", to(200, full(target_state={**a_state("twin"), "id": "<uuid:state-twin1>"}))),
    338: Decision("nested", with_content(source_states=[a_state("menu")])),
    340: Decision("cleared", to(200, full(request=None))),
    341: Decision("request by PUT", to(200, handler(id="<uuid:handler>", request=request()))),
    368: Decision("doubles", refused("key")),
    369: Decision("doubles", without_two),
    376: Decision("doubles", without_two),
    377: Decision("doubles", without_two),
    378: Decision("request by PUT", to(200, [])),
    379: Decision("request by PUT", refused("non_field_errors")),
    407: Decision("doubles", refused("key")),
    408: Decision("doubles", without_two),
    415: Decision("doubles", without_two),
    416: Decision("doubles", without_two),
    417: Decision("request by PUT", to(200, [])),
    418: Decision("request by PUT", refused("non_field_errors")),
    443: Decision("twins", to(201, {**a_state("twin"), "id": "<uuid:state-twin1>"})),
    448: Decision("source states", lambda then: NOT_FOUND),
    451: Decision("source states", to(405, {"detail": 'Method "PUT" not allowed.'})),
    452: Decision("source states", to(405, {"detail": 'Method "PUT" not allowed.'})),
    480: Decision("required", to(201, hook())),
    481: Decision("required", to(201, hook(response={"text_template": "x", "keyboard_template": ""}))),
    483: Decision("limits", to(201, hook(name="x" * 101))),
    522: Decision("doubles", refused("chat_id")),
    554: Decision("doubles", refused("chat_id")),
    586: Decision("doubles", refused("chat_id")),
    **{number: Decision("doubles", refused("chat")) for number in _CHAT_AGAIN},
    **{number: Decision("chat states", lambda then: NOT_FOUND) for number in _NO_SUCH_STATE_OR_CHAT},
    632: Decision("chat states", to(200, {**_TELEGRAM, "state": _FRESH})),
    656: Decision("chat states", to(200, {**_TELEGRAM, "state": _FRESH})),
    675: Decision("chat states", to(200, {**_KIK, "state": _FRESH})),
    716: Decision("chat states", to(200, {**_MESSENGER, "state": _FRESH})),
    717: Decision("chat states", with_content(state=_FRESH)),
}


def general(call: dict[str, Any], then: Answer, same: Callable[[], Answer]) -> Decision | None:
    """Return the decision that explains a whole kind of calls.

    Args:
        call: the recorded one.
        then: what was answered.
        same: makes a GET of the same URL.
    """
    if call["as_user"] == "bob" and then.status in {400, 401}:
        return Decision("others", to(404, TEXT) if "/hook/" in call["path"] else lambda then: NOT_FOUND)
    if then.allow.startswith("GET, PUT, DELETE"):
        return _patched(call, then, same)
    content = then.content
    if 290 < call["n"] < 331 and isinstance(content, dict) and isinstance(_data(content), str):
        return Decision("data", parsed_data)
    return None


def _patched(call: dict[str, Any], then: Answer, same: Callable[[], Answer]) -> Decision:
    if "/sourcestates/" in call["path"]:
        return Decision("source states", lambda then: replace(then, allow="GET, DELETE, HEAD, OPTIONS"))
    if call["method"] == "PATCH":
        return Decision("patch", lambda then: with_content(updated_at="<datetime>")(same()))
    return Decision("patch", lambda then: replace(then, allow=then.allow.replace("PUT,", "PUT, PATCH,")))


def _data(content: dict[str, Any]) -> Any:
    asked = content.get("request")
    return asked.get("data") if isinstance(asked, dict) else None
