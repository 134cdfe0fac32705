"""Looking up the keys, items, attributes, methods and slices of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import LISTS, MAPPINGS, called, charge_walk, key_of, show
from permabots.engine.templates.rendered_text import cut
from permabots.engine.templates.tables.formats import formatted
from permabots.engine.templates.tables.methods import FIELDS, METHODS, OBJECT_METHODS, Function
from permabots.engine.templates.tables.registry import unknown_among
from permabots.engine.templates.tables.text_methods import PLAIN_TEXT_METHODS
from permabots.engine.templates.value_kinds import Kind, Method, Namespace, Undefined, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

_NAME_CHARS = 100
_MAX_PARTS = 10
_PART_STEPS = 3


def _format(budget: Budget, owner: str, *arguments: Value, **names: Value) -> str:
    return formatted(owner, arguments, names, _in_format(budget), budget)


def _format_map(budget: Budget, owner: str, names: Value) -> str:
    return formatted(owner, (), names if type(names) in MAPPINGS else {}, _in_format(budget), budget)


def _in_format(budget: Budget) -> Callable[[Value, Value], Value]:
    """Return the function that looks up an attribute or item for a field of a format."""
    return lambda value, key: item(value, key, "(…)", budget)


TEXT_METHODS: Mapping[str, Function] = {**PLAIN_TEXT_METHODS, "format": _format, "format_map": _format_map}


def attribute(owner: Value, name: str, path: str = "") -> Value:
    """Return the value of ``owner.name``: a key, else an attribute or a method of the tables, else `Undefined`.

    Args:
        owner: the value before the dot.
        name: the name.
        path: the owner as its author would write it.
    """
    if type(owner) in MAPPINGS and name in owner:
        return owner[name]
    if isinstance(owner, Undefined):
        return owner.within(name)
    if isinstance(owner, Namespace):
        return owner.values[name] if name in owner.values else _missing(path, name)
    if isinstance(owner, Kind):
        get = owner.attributes.get(name)
        return get(owner) if get else _missing(path, name)
    field = FIELDS.get(type(owner), {}).get(name) if owner != () else None
    if field is not None:
        return field(owner)
    methods = TEXT_METHODS if isinstance(owner, str) else METHODS.get(type(owner), {})
    function = methods.get(name)
    return Method(f"{path}.{name}", function, owner) if function else _missing(path, name)


def _missing(path: str, name: object) -> Undefined:
    return Undefined(f"{path}.{str(name)[:_NAME_CHARS] if isinstance(name, str | int) else '…'}")


def method(owner: Value, name: str, path: str) -> Value:
    """Return the callee of ``owner.name(…)``: as `attribute`, but a method before a key that cannot be called.

    Args:
        owner: the value before the dot.
        name: the name.
        path: the owner as its author would write it.

    Raises:
        TemplateError: values of this kind have no such method.
    """
    value = attribute(owner, name, path)
    if type(owner) in MAPPINGS:
        if not isinstance(value, Kind) and name in OBJECT_METHODS:
            return Method(f"{path}.{name}", OBJECT_METHODS[name], owner)
    elif isinstance(value, Undefined) and not isinstance(owner, Undefined):
        raise TemplateError(f"{called(owner)} has no method {name[:50]!r} in a template")
    return value


def item(owner: Value, key: Value, path: str, budget: Budget) -> Value:
    """Return the value of ``owner[key]``: an item or a character by its number, else as `attribute`.

    Args:
        owner: the value before the bracket.
        key: the number or the name.
        path: the owner as its author would write it.
        budget: charged for a key of many digits.

    Raises:
        TemplateError: the value cannot be a key.
    """
    if type(owner) in LISTS or isinstance(owner, str):
        if isinstance(key, int):
            return owner[key] if -len(owner) <= key < len(owner) else _missing(path, key)
    elif type(owner) in MAPPINGS:
        if isinstance(key, str):
            return owner[key] if key in owner else attribute(owner, str(key), path)
        text = "" if isinstance(key, Kind | list | tuple | dict) else key_of(key, budget)
        return owner[text] if text in owner else _missing(path, text)
    if isinstance(owner, Undefined):
        return owner.within(key[:_NAME_CHARS] if isinstance(key, str) else key if isinstance(key, int) else "…")
    return attribute(owner, str(key), path) if isinstance(key, str) else _missing(path, None)


def sliced(owner: Value, start: Value, stop: Value, step: Value, path: str, budget: Budget) -> Value:
    """Return a slice of a list or a text, and charge it.

    Args:
        owner: the list or text.
        start: the first index, None for the beginning.
        stop: the index after the last one, None for the end.
        step: the step, None for 1.
        path: the owner as its author would write it.
        budget: what the turn may still cost.

    Raises:
        TemplateError: a bound is not a whole number, or the value has no slices.
        RenderLimitExceeded: too few bytes or steps are left.
    """
    if isinstance(owner, Undefined):
        return owner.within("…")
    if not (type(owner) in LISTS or isinstance(owner, str)):
        raise TemplateError(f"{called(owner)} has no parts: {path}[…:…]")
    if (unknown := unknown_among([start, stop, step], {})) is not None:
        return unknown
    _check_bounds(start, stop, step)
    length = len(range(*slice(start, stop, step).indices(len(owner))))
    if isinstance(owner, str):
        budget.make_text(length)
        if step in (None, 1):
            first, last, _ = slice(start, stop).indices(len(owner))
            return cut(owner, first, max(first, last), budget)
        return str(owner)[start:stop:step]
    budget.make(8 * length)
    charge_walk(length, budget)
    return owner[start:stop:step]


def _check_bounds(*bounds: Value) -> None:
    for bound in bounds:
        if bound is not None and not isinstance(bound, int):
            raise TemplateError(f"the bounds of a part are whole numbers, not {called(bound)}")
    if bounds[-1] == 0:
        raise TemplateError("the step of a part cannot be 0")


def getter(attribute_path: Value, budget: Budget, default: Value = None) -> Callable[[Value], Value]:
    """Return a function that looks up a dotted name or a number in an item, for filters that take an attribute.

    Args:
        attribute_path: ``name``, ``name.first``, ``0``; None for the item itself.
        budget: charged for each part of the path.
        default: the value in place of an undefined one; None for no such value.

    Raises:
        RenderLimitExceeded: the path is too long.
    """
    if attribute_path is None:
        return lambda value: value
    written = str(show(attribute_path, budget))
    if len(written) > _NAME_CHARS or written.count(".") >= _MAX_PARTS:
        raise RenderLimitExceeded(
            f"an attribute has a name of more than {_NAME_CHARS} characters or {_MAX_PARTS} parts"
        )
    parts = [int(part) if part.isdecimal() and len(part) < 9 else part for part in written.split(".")]

    def get(value: Value) -> Value:
        budget.spend(_PART_STEPS * len(parts))
        for part in parts:
            value = item(value, part, "(…)", budget)
            if isinstance(value, Undefined) and default is not None:
                value = default
        return value

    return get
