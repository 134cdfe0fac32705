"""JSON as the fields of a form (``application/x-www-form-urlencoded``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from permabots.exceptions import DefinitionError
from permabots.values import Json


def encode_form(data: Json) -> bytes:
    """Return data encoded as a form, with all of its values.

    A list of plain values repeats its name. A value that is nested deeper is named with brackets, as PHP, Rails and
    jQuery do: ``order[id]``, ``items[0][id]``. True and false are written as in JSON; null is left out.

    Args:
        data: an object, or a list of pairs of a name and a value.

    Raises:
        DefinitionError: the data are neither, or hold a number that JSON does not know, or are nested too deep.
    """
    pairs = list(data.items()) if isinstance(data, dict) else data
    if not isinstance(pairs, list) or not all(map(_is_pair, pairs)):
        raise DefinitionError("only an object or a list of pairs can be sent as a form")
    try:
        fields = [field for name, value in pairs for field in _fields(_plain(name), value)]
    except (RecursionError, ValueError):
        raise DefinitionError("it holds a number that JSON does not know, or is nested too deep") from None
    return urlencode(fields, errors="replace").encode()


def _is_pair(item: Json) -> bool:
    return isinstance(item, list | tuple) and len(item) == 2 and not isinstance(item[0], dict | list | tuple)


def _fields(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _fields(f"{name}[{key}]", item)
    elif isinstance(value, list):
        # Items that hold values themselves need a number: without it, the values of two items could not be told apart.
        numbered = any(isinstance(item, dict | list) for item in value)
        for number, item in enumerate(value):
            yield from _fields(f"{name}[{number}]" if numbered else name, item)
    elif value is not None:
        yield name, _plain(value)


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, allow_nan=False)
