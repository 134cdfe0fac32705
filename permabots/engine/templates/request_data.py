"""The data of a request: JSON with templates in its strings, or one template whose output is JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from permabots import strict_json
from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.place_check import check_places
from permabots.engine.templates.compile.program import parsed, program
from permabots.engine.templates.dry_run import check_runs
from permabots.engine.templates.json_values import MAX_DEPTH
from permabots.engine.templates.kinds import DATA, PARAMETER
from permabots.exceptions import TemplateError
from permabots.values import Json

MAX_TEMPLATES = 500
"""Texts with templates in the data of one request, at most."""

_SHOWN = 200
"""Characters of bad data that its error quotes."""

_MARKS = ("{{", "{%", "{#")


def render_data(data: Json, context: Mapping[str, Json], budget: Budget) -> Json:
    """Return the data of a request, with its templates rendered.

    In an object or a list (or a text that is the JSON of one), each string and each key is a template of its own, and
    values are not escaped: they cannot change the structure. Any other text is one template whose values are escaped
    for JSON, and whose output is parsed as JSON: ``{"id": {{pattern.id}}}``. If the JSON is a single string, the string
    is the body. Output that is not JSON is refused, since it is far more often a mistake than intended (a body of plain
    text is written as a JSON string). Other values, None too, are returned as they are.

    Args:
        data: JSON, or a text as described.
        context: as in `permabots.engine.templates.render_text`.
        budget: what the turn may still cost.

    Raises:
        TemplateError: a template does not compile or fails, or the output is not JSON.
        RenderLimitExceeded: the templates take too many steps, or create or write too much.
    """
    structure = _structure(data)
    if structure is None:
        return _parsed(program(DATA, data).render(context, budget), budget.hide) if isinstance(data, str) else data
    return _Templates(lambda source: program(PARAMETER, source).render(context, budget)).changed(structure)


def check_data(data: Json) -> None:
    """Check the data of a request: that its templates can be used, and that a text without templates is JSON.

    Args:
        data: JSON, or a text as in `render_data`.

    Raises:
        TemplateError: the data cannot be used; the message says why, and in which line.
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
    """Return the data if it is an object or a list, or the one that it is the JSON of; None for other data."""
    if isinstance(data, str):
        try:
            data = strict_json.loads(data)
        except (RecursionError, ValueError):
            return None
    return data if isinstance(data, dict | list) else None


class _Templates:
    """Replaces the templates in an object or list, in its keys too; texts without templates stay as they are.

    Args:
        change: returns the text that replaces a template.
    """

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change
        self._count = 0

    def changed(self, value: Json, depth: int = MAX_DEPTH) -> Json:
        """Return a value with its templates replaced.

        Raises:
            TemplateError: the value is nested too deeply, holds too many templates, or two keys of an object become
                equal.
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
    """Return an object; refuse equal keys, of which one would replace the other."""
    result = dict(pairs)
    if len(result) < len(pairs):
        doubled = str(next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))
        shown = doubled if len(doubled) <= _SHOWN else doubled[:_SHOWN] + "…"
        raise TemplateError(f"two names of an object in the data come to {shown!r}")
    return result


def _parsed(rendered: str, hide: Callable[[str], str] = str) -> Json:
    try:
        return strict_json.loads(rendered, _object)
    except json.JSONDecodeError as error:
        raise TemplateError(f"the data is not JSON: {error}: {hide(rendered)[:_SHOWN]!r}") from error
    except (RecursionError, ValueError) as error:
        raise TemplateError("the data is not JSON: it nests too deeply, or holds a number that is too large") from error
