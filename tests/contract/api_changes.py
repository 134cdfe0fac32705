"""Making what is wanted now out of what was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.contract.api_recorded import TEXT, Answer

Change = Callable[[Answer], Answer]

ROW = {"id": "<uuid>", "created_at": "<datetime>", "updated_at": "<datetime>"}
NOT_FOUND = Answer(404, {"detail": "Not found."})
PLAIN = {"text_template": "hi", "keyboard_template": ""}
REFUSED = {
    "telegram": "Telegram Error. Check Telegram token or try later.",
    "kik": "Kik Error. Check username/api_key or try later.",
}


def to(status: int, content: Any, allow: str = "") -> Change:
    return lambda then: Answer(status, content, allow)


def refused(*names: str) -> Change:
    """It is a 400 that names these fields."""
    return to(400, {name: [TEXT] for name in names})


def provider_refused(slug: str) -> Change:
    """It is a 400 in the words that clients know."""
    return to(400, {"error": REFUSED[slug]})


def a_state(name: str) -> dict[str, Any]:
    return {**ROW, "name": name}


def handler(**values: Any) -> dict[str, Any]:
    """A handler as the recording made most of them."""
    plain = {"name": "h", "pattern": "^/x$", "enabled": True, "request": None, "response": PLAIN, "priority": 0}
    return {**ROW, **plain, "target_state": None, "source_states": [], **values}


def full(**values: Any) -> dict[str, Any]:
    """The handler with everything, in the middle of its changes."""
    return handler(**{"id": "<uuid:handler-full>", **FULL, **values})


def request(**values: Any) -> dict[str, Any]:
    plain = {"method": "Get", "data": None, "url_parameters": [], "header_parameters": []}
    return {"url_template": "http://x/", **plain, **values}


def parameter(key: str, value: str) -> dict[str, Any]:
    return {**ROW, "key": key, "value_template": value}


def hook(**values: Any) -> dict[str, Any]:
    response = {"text_template": "<b>{{data.name}}</b>", "keyboard_template": '[["{{data.name}}"]]'}
    row = {**ROW, "name": "hook", "key": TEXT, "enabled": True, "response": response}
    return {**row, "telegram_recipients": [], "kik_recipients": [], **values}


def with_content(**values: Any) -> Change:
    return lambda then: replace(then, content={**then.content, **values})


def with_request(**values: Any) -> Change:
    return lambda then: replace(then, content={**then.content, "request": {**then.content["request"], **values}})


def without(index: int) -> Change:
    """One row of the list is not there, since it was refused when it was posted."""
    return lambda then: replace(then, content=then.content[:index] + then.content[index + 1 :])


def without_two(then: Answer) -> Answer:
    """The parameter that was a double is not there."""
    return replace(then, content=_without_two(then.content))


def _without_two(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_two(item) for key, item in value.items()}
    if isinstance(value, list):
        return [
            _without_two(item) for item in value if not (isinstance(item, dict) and item.get("value_template") == "two")
        ]
    return value


def parsed_data(then: Answer) -> Answer:
    """Data that was shown as its JSON is shown as itself."""
    return with_request(data=json.loads(then.content["request"]["data"]))(then)


def listed_handlers(then: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was made beyond the recording's handlers is there, and what was refused is not."""
    more, fewer = (230, 231, 253, 277, 292, 304, 306), (302,)
    same = [row for row in then if row["priority"] == 0]
    zeros = len(same) + len(more) - len(fewer)
    high = [row for row in then if row["priority"] > 0]
    low = [row for row in then if row["priority"] < 0]
    return [*high, *([{"name": "h", "priority": 0}] * zeros), *low]


FULL = {
    "name": "n2",
    "pattern": "^/p",
    "enabled": False,
    "request": request(url_template="http://new/", method="Put", data='{"a": "b"}'),
    "response": {"text_template": "new", "keyboard_template": '[["z"]]'},
    "target_state": a_state("made by put"),
    "priority": 9,
}
