"""The code that evaluates templates has nothing in it that runs Python which a template chose: read in its own trees.

What is looked up by a name at import is chosen by us, since no template is there yet; what is looked up later must be
written out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from permabots.engine import templates
from permabots.engine.templates.tables import lookup, methods
from permabots.engine.templates.tables.filters import FILTERS, TESTS
from permabots.engine.templates.tables.functions import FUNCTIONS

ROOT = Path(templates.__file__).parent

RUNS_PYTHON = frozenset(
    ("__import__", "breakpoint", "compile", "delattr", "dir", "eval", "exec", "globals", "help", "input", "locals")
) | {"open", "print", "setattr", "vars"}
"""Builtins that run Python, reach a namespace or a file, or change what is not theirs."""

LOOKS_UP = {"attrgetter": 0, "getattr": 1, "hasattr": 1, "methodcaller": 0}
"""Functions that look an attribute up by a name: which of their arguments that is."""

IMPORTED = {
    *(
        "__future__",
        "ast",
        "calendar",
        "collections",
        "collections.abc",
        "dataclasses",
        "datetime",
        "functools",
        "html",
    ),
    *("json", "math", "operator", "random", "re", "reprlib", "string", "textwrap", "threading", "time", "types"),
    *("typing", "unicodedata", "urllib.parse", "zoneinfo"),
    *(
        "cachetools",
        "emoji",
        "emoji.unicode_codes",
        "jinja2",
        "jinja2.ext",
        "jinja2.lexer",
        "jinja2.parser",
        "markupsafe",
    ),
    *("permabots", "permabots.exceptions", "permabots.markup", "permabots.values"),
}
"""Modules that are imported. None of them loads code by a name, starts a process, or opens a file that a text names,
but for `zoneinfo`, which looks for time zones where Python keeps them and refuses every other path."""

OF_MODULES = {
    "ast": {"Constant", "Name", "NodeTransformer", "expr", "literal_eval", "parse"},
    "jinja2": {"Environment", "TemplateSyntaxError", "nodes"},
    "jinja2.ext": {"Extension"},
    "jinja2.lexer": {"Token", "TokenStream"},
    "jinja2.parser": {"Parser"},
    "operator": {
        "add",
        "attrgetter",
        "floordiv",
        "ge",
        "gt",
        "le",
        "lt",
        "methodcaller",
        "mod",
        "mul",
        "sub",
        "truediv",
    },
    "random": {"choice"},
    "re": {"ASCII", "DOTALL", "IGNORECASE", "Match", "Pattern", "VERBOSE", "compile", "escape", "sub"},
    "string": {"Formatter"},
    "types": {"MappingProxyType"},
}
"""Of modules that could do more: all that is taken of them."""

ENVIRONMENT = {"parse"}
"""All that is asked of Jinja's environment."""

DUNDERS = {
    ("compile/calls.py", "__traceback__"),  # whether an error is that of a call
    ("compile/lookups.py", "__name__"),  # of a class of nodes, in an error
    ("value_kinds.py", "__eq__"),
    ("value_kinds.py", "__hash__"),
    ("json_values.py", "__repr__"),  # that of `str`
    ("tables/list_filters.py", "__getitem__"),
}
"""Attributes with two underscores that are looked up, by the files that do; ``super().__init__`` beside them."""

REMAINDERS = {
    "(self.position + 1) % len(self.values)",
    "_whole(value) % 2",
    "_whole(value) % _whole(number)",
    "months % 1",
    "self.index0 % len(values)",
}
"""Uses of ``%`` that calculate: with a text on its left it is a format."""

FORMATS = "tables/formats.py"
"""The file that formats texts which a template brings."""


class Found(NamedTuple):
    """A node, the file it is in, and whether a function stands around it, so that it runs after import."""

    file: str
    node: Any
    is_late: bool


def walked(file: str, node: ast.AST, is_late: bool = False) -> Iterator[Found]:
    for child in ast.iter_child_nodes(node):
        yield Found(file, child, is_late)
        yield from walked(file, child, is_late or isinstance(child, ast.FunctionDef | ast.Lambda))


TREES = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sorted(ROOT.rglob("*.py"))}
NODES = [found for file, tree in TREES.items() for found in walked(file, tree)]


def of(*kinds: type[ast.AST]) -> list[Found]:
    return [found for found in NODES if isinstance(found.node, kinds)]


def test_all_files_of_the_room_are_read() -> None:
    assert {"budget.py", "compile/expressions.py", "kinds.py", FORMATS, "tables/lookup.py"} <= set(TREES)


def test_no_builtin_that_runs_python_is_named() -> None:
    assert [(file, node.id) for file, node, _ in of(ast.Name) if node.id in RUNS_PYTHON] == []


def test_what_is_looked_up_by_a_name_is_looked_up_at_import_or_written_out() -> None:
    called = {id(node.func) for _, node, _ in of(ast.Call)}
    late = [
        (file, ast.unparse(node))
        for file, node, is_late in of(ast.Call)
        if is_late and isinstance(node.func, ast.Name) and node.func.id in LOOKS_UP
        if not isinstance(node.args[LOOKS_UP[node.func.id]], ast.Constant)
    ]
    handed_on = [(file, node.id) for file, node, _ in of(ast.Name) if node.id in LOOKS_UP and id(node) not in called]
    assert (late, handed_on) == ([], [])


def test_only_known_modules_are_imported_at_the_top_of_a_file() -> None:
    imports = of(ast.Import, ast.ImportFrom)
    assert [(file, ast.unparse(node)) for file, node, is_late in imports if is_late] == []
    assert [node.level for _, node, _ in of(ast.ImportFrom) if node.level] == []
    modules = {name.name for _, node, _ in of(ast.Import) for name in node.names}
    modules |= {node.module for _, node, _ in of(ast.ImportFrom)}
    assert {module for module in modules if not module.startswith("permabots.engine.templates")} == IMPORTED


@pytest.mark.parametrize("module", sorted(OF_MODULES))
def test_of_a_module_that_could_do_more_only_this_is_taken(module: str) -> None:
    by_name = {name.name for _, node, _ in of(ast.ImportFrom) if node.module == module for name in node.names}
    by_dot = {
        node.attr for _, node, _ in of(ast.Attribute) if isinstance(node.value, ast.Name) and node.value.id == module
    }
    renamed = [name.asname for _, node, _ in of(ast.Import, ast.ImportFrom) for name in node.names if name.asname]
    assert by_name | by_dot == OF_MODULES[module]
    assert set(renamed) <= {"attribute_of", "shortened"}


def test_jinjas_environment_only_reads_templates() -> None:
    made = [node for _, node, _ in of(ast.Call) if isinstance(node.func, ast.Name) and node.func.id == "Environment"]
    asked = [
        node.attr
        for _, node, _ in of(ast.Attribute)
        if isinstance(node.value, ast.Name) and node.value.id == "_ENVIRONMENT"
    ]
    named = [node for _, node, _ in of(ast.Name) if node.id == "_ENVIRONMENT"]
    assert (len(made), set(asked)) == (1, ENVIRONMENT)
    assert len(named) == len(asked) + 1  # where it is set


def test_attributes_with_two_underscores_are_those_of_the_list() -> None:
    used = {(file, node.attr) for file, node, _ in of(ast.Attribute) if node.attr.startswith("__")}
    inits = {
        (file, node.attr)
        for file, node, _ in of(ast.Attribute)
        if node.attr == "__init__" and ast.unparse(node.value) == "super()"
    }
    assert used - inits <= DUNDERS
    texts = [(file, node.value) for file, node, _ in of(ast.Constant) if str(node.value).startswith("__")]
    assert set(texts) - {("budget.py", "__slots__")} == set()


def test_no_text_of_a_template_is_a_format_of_pythons() -> None:
    remainders = {(file, ast.unparse(node)) for file, node, _ in of(ast.BinOp) if isinstance(node.op, ast.Mod)}
    assert {text for file, text in remainders if file != FORMATS} == REMAINDERS
    methods_called = [
        (file, node.func.attr)
        for file, node, _ in of(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "format_map")
    ]
    assert methods_called == []
    builtin = {file for file, node, _ in of(ast.Name) if node.id == "format"}
    chosen = {
        file
        for file, node, _ in of(ast.FormattedValue)
        if node.format_spec and not all(isinstance(part, ast.Constant) for part in node.format_spec.values)
    }
    assert (builtin, chosen) == ({FORMATS}, set())


def test_pythons_formatter_only_takes_a_format_apart() -> None:
    made = [found for found in of(ast.Attribute) if ast.unparse(found.node) == "string.Formatter"]
    taken = [node.attr for _, node, _ in of(ast.Attribute) if ast.unparse(node.value) == "string.Formatter()"]
    assert (len(made), taken) == (1, ["parse"])


def functions() -> Iterator[tuple[str, Any]]:
    """Yield every function that a template can call, by what it writes."""
    tables = {
        "|": FILTERS,
        "is ": TESTS,
        "text.": lookup.TEXT_METHODS,
        "": {name: function.function for name, function in FUNCTIONS.items()},
    }
    tables |= {f"{kind.__name__}.": table for kind, table in methods.METHODS.items()}
    for sign, table in tables.items():
        for name, function in table.items():
            yield sign + name, function.func if isinstance(function, partial) else function


@pytest.mark.parametrize(("name", "function"), list(functions()))
def test_every_function_that_a_template_calls_is_of_this_room(name: str, function: Any) -> None:
    assert function.__module__.startswith("permabots.engine.templates."), name
