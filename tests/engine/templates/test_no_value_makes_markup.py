"""Whatever an author wrote, also by mistake, no value makes a tag, an attribute or an address that was not there."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from permabots import markup
from permabots.engine.templates import check_text
from permabots.exceptions import TemplateError
from tests.engine.templates.rendering import text

SCRAPS = [*"<>/=\"' ay5&\n", "<a ", ' href="', " href='", "</a>", "<b>", "='", "{% if 1 %}", "{% endif %}", "{{ v }}"]
SOURCES = st.lists(st.sampled_from(SCRAPS), max_size=14).map("".join)
HOSTILE = [
    "<b>",
    "'",
    '"',
    " c=d",
    "' c='d",
    '" c="d',
    ">",
    "<",
    "/",
    "=",
    "",
    "x' href='y",
    'x" href="y',
    "&quot;",
    "\n",
]

Tags = list[tuple[str, str, list[str]]]


def tags(written: str) -> Tags:
    """Return the tags of a text, each with the names of its attributes."""
    return [
        (found["end"], found["name"], [name[1] for name in markup.ATTRIBUTE.finditer(found["attributes"])])
        for found in markup.TAG.finditer(written)
    ]


def differing(source: str) -> list[str]:
    """Return the values with which a template has other tags than with a harmless one."""
    expected = tags(text(source, v="x"))
    return [value for value in HOSTILE if tags(text(source, v=value)) != expected]


@given(SOURCES, SOURCES)
@settings(max_examples=400, deadline=None)
def test_a_template_has_the_same_tags_with_any_value(first: str, second: str) -> None:
    source = f"{first}{{{{ v }}}}{second}"
    try:
        check_text(source)
    except TemplateError:
        assume(False)
    assert differing(source) == [], source


@pytest.mark.parametrize(
    "source",
    [
        """<x h="<b t='"y {{ v }}'>""",
        """<x h="{% if 1 %}<b t='"y {% endif %}{{ v }}'>""",
        """<x h='<b t="'y {{ v }}">""",
        """<a h="<b>"y {{ v }}""",
        """<x h="<a href='"y{{ v }}'>t</a>""",
        """{{ '<x h="<b ' }}{{ "t='" }}{{ '"y' }}{{ v }}'>""",
    ],
)
def test_a_value_behind_a_tag_that_is_none_leaves_no_quotes_of_another(source: str) -> None:
    assert differing(source) == []
