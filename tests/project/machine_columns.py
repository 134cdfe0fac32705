"""Where tests write what only permabots itself may write: its status, attempts, leases, secrets, revisions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parents[1]
MADE = ("make_inbound", "make_outbound", "make_conversation")
"""Helpers whose keywords are columns."""
GIVEN = frozenset({"chat_id", "user_id", "payload"})
"""Such columns that whoever makes a row has to give; later they are permabots' own."""
WRITERS = ("update", "create", "get_or_create", "update_or_create", "write")
"""Methods whose keywords are columns."""


@dataclass(frozen=True, slots=True)
class Write:
    """A place where a test writes such a column.

    Args:
        file: below ``tests``.
        line: in it.
        column: which.
    """

    file: str
    line: int
    column: str


def machine_columns() -> dict[str, frozenset[str]]:
    """Return the name of each table -> the columns that are permabots' own."""
    return {table.__name__: table.MACHINE for table in apps.get_app_config("permabots").get_models()}


def writes(path: Path, tables: dict[str, frozenset[str]]) -> Iterator[Write]:
    """Yield where a file writes columns of permabots' own."""
    every = frozenset[str]().union(*tables.values())
    name = str(path.relative_to(ROOT))
    tree = ast.parse(path.read_text())
    made = _helpers(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for column in _keywords(node) & _columns_of(node, tables, every, made):
                yield Write(name, node.lineno, column)
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found = (it for target in targets for it in ast.walk(target) if isinstance(it, ast.Attribute))
            for target in found:
                if isinstance(target.ctx, ast.Store) and target.attr in every and not _is_self(target):
                    yield Write(name, node.lineno, target.attr)


def _helpers(tree: ast.AST) -> set[str]:
    """Return the helpers whose keywords are columns: `MADE`, and a file's functions that hand theirs on to such."""
    made = set(MADE)
    functions = [it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef) and it.args.kwarg is not None]
    while found := {it.name for it in functions if it.name not in made and _hands_on(it, made)}:
        made |= found
    return made


def _hands_on(function: ast.FunctionDef, made: set[str]) -> bool:
    calls = (it for it in ast.walk(function) if isinstance(it, ast.Call) and getattr(it.func, "id", "") in made)
    return any(keyword.arg is None for call in calls for keyword in call.keywords)


def _is_self(target: ast.Attribute) -> bool:
    """Whether it is an attribute of a test's own class."""
    return isinstance(target.value, ast.Name) and target.value.id == "self"


def _keywords(call: ast.Call) -> set[str]:
    """Return the names that a call gives, those of a dict that is written in it among them."""
    given: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is not None:
            given.add(keyword.arg)
        elif isinstance(keyword.value, ast.Dict):
            given |= {str(key.value) for key in keyword.value.keys if isinstance(key, ast.Constant)}
    return given


def _columns_of(
    call: ast.Call, tables: dict[str, frozenset[str]], every: frozenset[str], made: set[str]
) -> frozenset[str]:
    """Return which keywords of a call are columns of permabots' own."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in tables:
        return tables[name] - GIVEN
    if name in made:
        return every - GIVEN
    if name not in WRITERS or not isinstance(call.func, ast.Attribute):
        return frozenset()
    given = frozenset[str]() if name in ("update", "write") else GIVEN
    for node in ast.walk(call.func.value):
        if isinstance(node, ast.Name) and node.id in tables:
            return tables[node.id] - given
    return every - given
