"""The format of documents: what one may hold, by ``schema.json``, and the same with all that may be left out.

The schema is the only place where the fields and their defaults are written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, cast

from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator
from jsonschema import ValidationError as Refusal

from permabots import strict_json
from permabots.engine.definitions import state_key
from permabots.values import Json, storable

FORMAT = "permabots.bot"
VERSION = 1
ERRORS = 20
"""How many errors of a document are looked for: the first by its place is told, and a hostile one has a million."""
SECTIONS = ("states", "variables", "handlers", "hooks", "tests")
"""The lists of a document, in their order."""
UNIQUE = {"states": "name", "variables": "key", "tests": "name"}
"""The lists in which one field tells the items apart, with that field."""
_STEP = {name: place for place, name in enumerate(("said", "pressed", "api", "status", "messages", "text", "label"))}
"""The names that come first in an object of a step, with their places."""
_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "a bool",
}


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of documents."""
    found: Any = strict_json.loads((files(__package__) / "schema.json").read_text("utf-8"))
    return dict(found)


def check(document: Json) -> dict[str, Any]:
    """Return a document with everything that it may leave out, in the order of the schema.

    States that handlers name are among its states, and handlers name states as the list of states does.

    Raises:
        django.core.exceptions.ValidationError: it is no document, or of a version that is not known; the text says
            where.
    """
    if not isinstance(document, dict):
        raise ValidationError("the document: an object is needed.", code="type")
    if (document.get("format"), document.get("version")) != (FORMAT, VERSION):
        raise ValidationError(f"It is no document of the format {FORMAT!r}, version {VERSION}.", code="format")
    if storable(document) != document:
        words = "There is a character in it that a database does not take: NUL, or half of a pair of surrogates."
        raise ValidationError(words, code="character")
    refusals = sorted(islice(Draft202012Validator(schema()).iter_errors(document), ERRORS), key=_position)
    if refusals:
        raise ValidationError(_words(refusals[0]), code=str(refusals[0].validator))
    complete: dict[str, Any] = _complete(schema(), document)
    _name_states(complete)
    _sort(complete)
    for section in SECTIONS:
        _refuse_doubles(section, complete[section])
    return complete


def compact(section: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item without what may be left out.

    Args:
        section: the list that it belongs to, or ``bot``.
        item: with everything.
    """
    part = schema()["properties"][section]
    short: dict[str, Any] = _shorten(part.get("items", part), item)
    return short


def canonical(value: Json) -> Json:
    """Return JSON with the names of its objects in one order, whatever the order in which the database keeps them."""
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: canonical(value[name]) for name in sorted(value, key=lambda name: (_STEP.get(name, len(_STEP)), name))
    }


def same(one: Json, other: Json) -> bool:
    """Return whether two values are the same as JSON, where a number is not true or false."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _position(refusal: Refusal) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (0, step) for step in refusal.absolute_path]


def _words(refusal: Refusal) -> str:
    """Return what is wrong and where, in the words of a person: ``handlers, 2, request: url_template is missing.``"""
    path = list(refusal.absolute_path)
    value: Any = refusal.instance
    kind, rule, part = refusal.validator, cast(Any, refusal.validator_value), cast(Any, refusal.schema)
    if kind == "required" and (missing := [name for name in rule if name not in value]):
        return f"{_place(path)}: {', '.join(sorted(missing))} is missing."
    if kind == "additionalProperties":
        return f"{_place(path)}: {', '.join(sorted(value.keys() - part['properties'].keys()))} is not known."
    if kind == "anyOf":
        return f"{_place(path)}: value is missing."
    if kind == "type" and (not path or isinstance(path[-1], int)):
        return f"{_place(path)}: {_needed(rule)} is needed."
    where, name = _place(path[:-1]), path[-1] if path else "the document"
    if kind == "type":
        return f"{where}: {name} is of the wrong type: {_needed(rule)} is needed."
    if kind == "enum":
        return f"{where}: {name} is one of {', '.join(rule)}."
    return f"{where}: {name}: {refusal.message}"


def _needed(rule: str | list[str]) -> str:
    kinds = [rule] if isinstance(rule, str) else rule
    return " or ".join(_TYPES.get(kind, kind) for kind in kinds)


def _place(path: list[Any]) -> str:
    return ", ".join(str(step + 1) if isinstance(step, int) else step for step in path) or "the document"


def _resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if (reference := part.get("$ref")) is None:
        return part
    found: Mapping[str, Any] = schema()["$defs"][reference.rpartition("/")[2]]
    return found


def _complete(part: Mapping[str, Any], value: Any) -> Any:
    part = _resolved(part)
    if part.get("type") == "integer" and isinstance(value, float):
        return int(value)  # 1.0 is an integer in JSON Schema
    if isinstance(value, list) and "items" in part:
        return [_complete(part["items"], item) for item in value]
    if not isinstance(value, Mapping) or "properties" not in part:
        return value
    return {
        name: _complete(field, value[name]) if name in value else deepcopy(field["default"])
        for name, field in ((name, _resolved(field)) for name, field in part["properties"].items())
        if name in value or "default" in field
    }


def _shorten(part: Mapping[str, Any], value: Any) -> Any:
    part = _resolved(part)
    if isinstance(value, list) and "items" in part:
        return [_shorten(part["items"], item) for item in value]
    if not isinstance(value, Mapping) or "properties" not in part:
        return value
    fields = {name: _resolved(field) for name, field in part["properties"].items()}
    return {
        name: _shorten(field, value[name])
        for name, field in fields.items()
        if name in value and not ("default" in field and same(field["default"], value[name]))
    }


def _name_states(document: dict[str, Any]) -> None:
    """Have each state that is named among the states, and each name written as it is there."""
    names: dict[str, str] = {state_key(state["name"]): state["name"] for state in reversed(document["states"])}

    def name_of(text: str) -> str:
        key = state_key(text)
        if key not in names:
            names[key] = text
            document["states"].append({"name": text})
        return names[key]

    for handler in document["handlers"]:
        handler["source_states"] = sorted({name_of(text) for text in handler["source_states"]})
        if handler["target_state"] is not None:
            handler["target_state"] = name_of(handler["target_state"])


def _sort(document: dict[str, Any]) -> None:
    """Put what has no order of its own into the order of an export."""
    for test in document["tests"]:
        test["steps"] = canonical(test["steps"])
    for hook in document["hooks"]:
        hook.get("recipients", []).sort(key=lambda it: (it["provider"], it["chat_id"], it["user_id"], it["topic"]))
    for handler in document["handlers"]:
        if (request := handler["request"]) is not None:
            request["data"] = canonical(request["data"])
            for name in ("url_parameters", "header_parameters"):
                request[name].sort(key=lambda parameter: parameter["key"])
                _refuse_double_keys(handler["name"], name, request[name])


def _refuse_doubles(section: str, items: list[dict[str, Any]]) -> None:
    """Refuse items of a list that nothing tells apart.

    Raises:
        django.core.exceptions.ValidationError: names the second of them.
    """
    field = UNIQUE.get(section)
    names = [_name(section, item) for item in items]
    often = Counter(names)
    seen: set[str] = set()
    for number, name in _numbered(names):
        if often[name] > 1 and (name in seen if field else "id" not in items[number - 1]):
            other = f"There is another {field or 'name'} {name!r}" + ("." if field else ": give each of them an id.")
            raise ValidationError(f"{section}, {number}: {other}", code="unique")
        seen.add(name)
    ids = [item["id"] for item in items if "id" in item]
    if doubled := [text for text, count in Counter(ids).items() if count > 1]:
        raise ValidationError(f"{section}: the id {doubled[0]!r} is there more than once.", code="unique")


def _refuse_double_keys(handler: str, name: str, parameters: list[dict[str, Any]]) -> None:
    keys = [parameter["key"] for parameter in parameters]
    if doubled := [key for key, count in Counter(keys).items() if count > 1]:
        words = f"handlers, {handler}, request, {name}: the key {doubled[0]!r} is there more than once."
        raise ValidationError(words, code="unique")


def _numbered(names: list[str]) -> Iterator[tuple[int, str]]:
    return enumerate(names, 1)


def _name(section: str, item: Mapping[str, Any]) -> str:
    name = str(item[UNIQUE.get(section, "name")])
    return state_key(name) if section == "states" else name
