"""The data of a request: JSON with templates in it, or one template that gives JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.place_check import check_places
from permabots.engine.templates.compile.program import parsed, program
from permabots.engine.templates.dry_run import check_runs
from permabots.engine.templates.json_values import MAX_DEPTH
from permabots.engine.templates.kinds import DATA, PARAMETER
from permabots.exceptions import TemplateError
from permabots.values import Json

MAX_TEMPLATES = 500
"""Texts with templates in the data of one request."""

_MARKS = ("{{", "{%", "{#")


def render_data(data: Json, context: Mapping[str, Json], budget: Budget) -> Json:
    """Return the data of a request, with its templates rendered.

    An object or a list (or a text that is the JSON of one) has the templates inside its strings rendered one by one,
    keys too, nothing escaped: whatever a value holds, the structure stays. Any other text is one template whose values
    are JSON-escaped, and its output is parsed as JSON: ``{"id": {{pattern.id}}}``. JSON that is a single string gives
    that string, to be sent as it is; a text that is not JSON is refused, since that is a slip far more often than a
    wish (a body of plain text is written as a JSON string). Other values, None too, stay what they are.

    Args:
        data: JSON, or a text as described.
        context: as in `permabots.engine.templates.render_text`.
        budget: what the turn may still cost.

    Raises:
        TemplateError: a template in it does not compile or fails, or its output is not JSON.
        RenderLimitExceeded: they run too long, or make too much.
    """
    structure = _structure(data)
    if structure is None:
        return _parsed(program(DATA, data).render(context, budget), budget.hide) if isinstance(data, str) else data
    return _Templates(lambda source: program(PARAMETER, source).render(context, budget)).changed(structure)


def check_data(data: Json) -> None:
    """Refuse data with a template that does not compile, and a text without any template that is not JSON.

    Raises:
        TemplateError: says what is wrong, and in which line.
    """
    structure = _structure(data)
    if structure is not None:
        _Templates(_check_template).changed(structure)
    elif isinstance(data, str):
        program(DATA, data)
        check_places(DATA, parsed(data))
        check_runs(DATA, data)
        if not any(mark in data for mark in _MARKS):
            _parsed(data)


def _structure(data: Json) -> Json:
    """Return the object or list that data is, or is the JSON of; None for anything else."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (RecursionError, ValueError):
            return None
    return data if isinstance(data, dict | list) else None


class _Templates:
    """Changes the templates in the texts of an object or list, keys too; a text without any stays.

    Args:
        change: gives what comes in a template's place.
    """

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change
        self._count = 0

    def changed(self, value: Json, depth: int = MAX_DEPTH) -> Json:
        """Return a value with its templates changed.

        Raises:
            TemplateError: it is nested too deeply, holds too many templates, or two names of an object come to one.
        """
        if isinstance(value, str):
            return self._text(value)
        if depth == 0 and isinstance(value, dict | list):
            raise TemplateError(f"the data is nested more than {MAX_DEPTH} deep")
        if isinstance(value, list):
            return [self.changed(item, depth - 1) for item in value]
        if isinstance(value, dict):
            return _object([(self._text(key), self.changed(item, depth - 1)) for key, item in value.items()])
        return value

    def _text(self, text: str) -> str:
        if not any(mark in text for mark in _MARKS):
            return text
        self._count += 1
        if self._count > MAX_TEMPLATES:
            raise TemplateError(f"the data holds more than {MAX_TEMPLATES} texts with templates")
        return self._change(text)


def _check_template(source: str) -> str:
    check_runs(PARAMETER, source)
    return source


def _object(pairs: list[tuple[Any, Json]]) -> dict[Any, Json]:
    """Return an object; a value must not take another name's place."""
    found = dict(pairs)
    if len(found) < len(pairs):
        doubled = next(name for name, _ in pairs if sum(other == name for other, _ in pairs) > 1)
        raise TemplateError(f"two names of an object in the data come to {str(doubled)!r}")
    return found


def _parsed(rendered: str, hide: Callable[[str], str] = str) -> Json:
    try:
        return json.loads(rendered, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise TemplateError(f"the data is not JSON: {error}: {hide(rendered)[:200]!r}") from error
    except (RecursionError, ValueError) as error:
        raise TemplateError("the data is not JSON: it nests too deeply, or holds a number that is too long") from error
