"""Transactions name their database: Django's own default is ``default``, whatever a host's router says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import permabots

PACKAGE = Path(permabots.__file__).parent
OF_A_TRANSACTION = {"atomic", "on_commit", "non_atomic_requests", "get_connection", "set_rollback"}
FILES = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES)
def test_a_transaction_names_its_database(file: str) -> None:
    tree = ast.parse((PACKAGE / file).read_text())
    assert [node.lineno for node in ast.walk(tree) if names_no_database(node)] == []


def names_no_database(node: ast.AST) -> bool:
    """Whether Django would take the default database here: a call without ``using``, or its default connection."""
    match node:
        case ast.ImportFrom(module="django.db", names=names):
            return any(name.name == "connection" for name in names)
        case ast.Call(func=ast.Attribute(ast.Name("transaction"), name), args=args, keywords=keywords):
            named = any(keyword.arg == "using" for keyword in keywords) or (name == "get_connection" and args)
            return name in OF_A_TRANSACTION and not named
    return False
