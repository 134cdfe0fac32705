"""The templates that are made up have all of Jinja's language in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import jinja2
import pytest
from jinja2 import nodes

from tests.engine.templates_properties.choices import Choices
from tests.engine.templates_properties.expressions import EVERY, GIVEN, PRODUCTIONS, Expressions
from tests.engine.templates_properties.statements import BLOCKS, STATEMENTS

# Other templates, Jinja's own helpers, and bases of other nodes.
NO_PART = """
Node Stmt Helper Expr BinExpr UnaryExpr Literal Extends Include Import FromImport ContextReference
DerivedContextReference EnvironmentAttribute ExtensionAttribute ImportedName InternalName EvalContextModifier MarkSafe
MarkSafeIfAutoescape Continue Break ExprStmt OverlayScope _FilterTestCommon
"""
PARSER = jinja2.Environment(autoescape=True)
NO_FILTERS = "pprint urlize xmlattr"
NO_TESTS = "escaped"


def sources() -> Iterator[str]:
    """Return templates that use each pattern of the grammar once, in their simplest form."""
    expressions = Expressions(Choices(b""))
    for pattern in [pattern for kind in PRODUCTIONS for pattern in PRODUCTIONS[kind]] + EVERY:
        yield "{{ " + expressions.fill(pattern.replace("@same", "@num"), frozenset(GIVEN), 0) + " }}"
    for statement in STATEMENTS + BLOCKS:
        yield expressions.fill(re.sub("@(body|pad)", "x", statement.pattern), frozenset(GIVEN), 0)


@pytest.fixture(scope="module")
def trees() -> list[nodes.Template]:
    return [PARSER.parse(source) for source in sources()]


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
