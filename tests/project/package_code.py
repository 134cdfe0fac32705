"""The package's own code, to be asked whether a rule holds in all of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache

from tests.project.test_architecture import PACKAGE, WRITTEN

Found = Iterator[ast.AST]


@cache
def trees() -> dict[str, ast.Module]:
    """Return the code of the package by its files, what is for tests apart."""
    paths = [path for path in WRITTEN if "testing" not in path.parts]
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in paths}


def files_with(rule: Callable[[ast.AST], Found]) -> set[str]:
    return {name for name, tree in trees().items() if any(rule(tree))}


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Yield every call with the name that is called and what stands before its last dot."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                yield node, name, ast.unparse(value)
            case ast.Call(func=ast.Name(id=name)):
                yield node, name, ""
