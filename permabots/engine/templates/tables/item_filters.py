"""The filters that apply a filter or a test to each item of a list: ``map``, ``select`` and their like."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.json_values import charge_new, items_of, show
from permabots.engine.templates.tables.lookup import getter
from permabots.engine.templates.tables.registry import FILTERS, FILTERS_OF_UNKNOWN, TESTS, TESTS_OF_UNKNOWN
from permabots.engine.templates.value_kinds import Undefined, Unknown, Value
from permabots.exceptions import TemplateError

Filter = Callable[..., Value]
_CHARACTER_BYTES = 84


def listed(run: Run, value: Value) -> list[Value]:
    """Return the items of a value as a new list, and charge it.

    Raises:
        TemplateError: the value has no items.
        RenderLimitExceeded: too few bytes or steps are left.
    """
    items = items_of(value, run.budget)
    run.budget.spend(len(items) // 8)
    run.budget.make(8 * len(items))
    if isinstance(items, str) and not items.isascii():
        run.budget.make(_CHARACTER_BYTES * len(items))
    return list(items)


def _or_nothing(value: Value) -> Value:
    """Return a value whose items a filter walks through; a false value, like None, has no items."""
    return value if value or isinstance(value, Undefined) else ()


def _map(
    run: Run, value: Value, *arguments: Value, attribute: Value = None, default: Value = None, **names: Value
) -> list[Value]:
    if attribute is not None:
        change: Callable[[Value], Value] = getter(attribute, run.budget, default)
    elif arguments:
        change = _filter(run, arguments[0], arguments[1:], names)
    else:
        raise TemplateError("map wants the name of a filter, or an attribute")
    results = []
    for item in listed(run, _or_nothing(value)):
        run.budget.spend(2)
        results.append(change(item))
    return charge_new(results, run.budget)  # type: ignore[no-any-return]


def _filter(run: Run, name: Value, arguments: tuple[Value, ...], names: dict[str, Value]) -> Callable[[Value], Value]:
    function = FILTERS.get(name) if isinstance(name, str) else None
    if function is None:
        raise TemplateError(f"No filter named {str(show(name, run.budget))[:50]!r}.")
    if name in FILTERS_OF_UNKNOWN:
        return lambda item: function(run, item, *arguments, **names)
    return lambda item: item if type(item) is Unknown else function(run, item, *arguments, **names)


def _chosen(wanted: bool, by_attribute: bool) -> Filter:
    def choose(run: Run, value: Value, *arguments: Value, **names: Value) -> list[Value]:
        get, rest = getter(None, run.budget), arguments
        if by_attribute:
            if not arguments:
                raise TemplateError("the name of an attribute is missing")
            get, rest = getter(arguments[0], run.budget), arguments[1:]
        name = rest[0] if rest else None
        test = TESTS.get(name) if isinstance(name, str) else None
        if name is not None and test is None:
            raise TemplateError(f"No test named {str(show(name, run.budget))[:50]!r}.")
        chosen = []
        for item in listed(run, _or_nothing(value)):
            run.budget.spend(2)
            result = get(item)
            if test and (type(result) is not Unknown or name in TESTS_OF_UNKNOWN):
                result = test(run.budget, result, *rest[1:], **names)
            if bool(result) is wanted:
                chosen.append(item)
        return chosen

    return choose


ITEM_FILTERS: Mapping[str, Filter] = {
    "map": _map,
    "reject": _chosen(wanted=False, by_attribute=False),
    "rejectattr": _chosen(wanted=False, by_attribute=True),
    "select": _chosen(wanted=True, by_attribute=False),
    "selectattr": _chosen(wanted=True, by_attribute=True),
}
