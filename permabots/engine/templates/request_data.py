"""The data of a request: JSON with templates in it, or one template that gives JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.place_check import check_places
from permabots.engine.templates.compile.program import parsed, program
from permabots.engine.templates.json_values import MAX_DEPTH
from permabots.engine.templates.kinds import DATA, PARAMETER
from permabots.exceptions import TemplateError
from permabots.messages import Json

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
        return _parsed(program(DATA, data).render(context, budget)) if isinstance(data, str) else data
    return _mapped(structure, lambda source: program(PARAMETER, source).render(context, budget))


def check_data(data: Json) -> None:
    """Refuse data with a template that does not compile, and a text without any template that is not JSON.

    Raises:
        TemplateError: says what is wrong, and in which line.
    """
    structure = _structure(data)
    if structure is not None:
        _mapped(structure, lambda source: program(PARAMETER, source))
    elif isinstance(data, str):
        program(DATA, data)
        check_places(DATA, parsed(data))
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


def _mapped(data: Json, change: Callable[[str], object], depth: int = MAX_DEPTH) -> Json:
    """Return JSON with every string in it changed."""
    if isinstance(data, str):
        return change(data)
    if depth == 0 and isinstance(data, dict | list):
        raise TemplateError(f"the data is nested more than {MAX_DEPTH} deep")
    if isinstance(data, list):
        return [_mapped(item, change, depth - 1) for item in data]
    if isinstance(data, dict):
        return {change(key): _mapped(item, change, depth - 1) for key, item in data.items()}
    return data


def _parsed(rendered: str) -> Json:
    try:
        return json.loads(rendered)
    except json.JSONDecodeError as error:
        raise TemplateError(f"the data is not JSON: {error}: {rendered[:200]!r}") from error
    except (RecursionError, ValueError) as error:
        raise TemplateError("the data is not JSON: it nests too deeply, or holds a number that is too long") from error
