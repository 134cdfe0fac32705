"""The templates that are made up have all of Jinja's language in them."""

from __future__ import annotations

import random
import warnings

import jinja2
import pytest
from jinja2 import nodes

from tests.engine.templates_properties.choices import Choices
from tests.engine.templates_properties.statements import any_statements

# Other templates, Jinja's own helpers, and bases of other nodes.
NO_PART = """
Node Stmt Helper Expr BinExpr UnaryExpr Literal Extends Include Import FromImport ContextReference
DerivedContextReference EnvironmentAttribute ExtensionAttribute ImportedName InternalName EvalContextModifier MarkSafe
MarkSafeIfAutoescape Continue Break ExprStmt OverlayScope _FilterTestCommon
"""
PARSER = jinja2.Environment(autoescape=True)
NO_FILTERS = "pprint urlize xmlattr"
NO_TESTS = "escaped"


@pytest.fixture(scope="module")
def trees() -> list[nodes.Template]:
    numbers = random.Random(1)
    made = []
    for _ in range(800):
        try:
            with warnings.catch_warnings():
                made.append(PARSER.parse(any_statements(Choices(numbers.randbytes(300)), 2, 5)))
        except jinja2.TemplateSyntaxError:
            pass  # where an operand stands without its parentheses
    assert len(made) > 700
    return made


def test_every_node(trees: list[nodes.Template]) -> None:
    known = {name for name, value in vars(nodes).items() if isinstance(value, type) and issubclass(value, nodes.Node)}
    seen = {type(node).__name__ for tree in trees for node in tree.find_all(nodes.Node)} | {"Template"}
    assert known - seen == set(NO_PART.split())


@pytest.mark.parametrize(
    ("node", "known", "left_out"),
    [(nodes.Filter, jinja2.filters.FILTERS, NO_FILTERS), (nodes.Test, jinja2.tests.TESTS, NO_TESTS)],
)
def test_every_filter_and_test(
    node: type[nodes.Filter | nodes.Test], known: dict[str, object], left_out: str, trees: list[nodes.Template]
) -> None:
    names = {found.name for tree in trees for found in tree.find_all(node)}
    assert {name for name in known if name.isidentifier()} - names == set(left_out.split())
