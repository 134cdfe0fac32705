"""Templates are refused when they are saved where a value stands where none can stand, with the line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from permabots.engine.templates import check_data, check_keyboard_source, check_parameter, check_text, check_url
from permabots.exceptions import TemplateError

TAG = "a value can stand in a tag's attribute only: put it behind = and in quotes"
SIGN = "a value cannot stand directly behind <: to show that sign, write &lt;"
ESCAPE = "a value cannot stand directly behind a backslash"
NONE = "what begins as a tag and holds a value or a condition is none, because of {}: to show the sign < write &lt;"
BRANCHES = (
    "what stands behind line {} would be {} or {} (line {}), as the condition turns out:"
    " each branch must close what it opens"
)
TOUCHES = "a value outside of quotes is a whole JSON value, and cannot touch {}"


def problem(check: Callable[[str], None], source: str) -> tuple[str, int | None]:
    with pytest.raises(TemplateError) as caught:
        check(source)
    return caught.value.message, caught.value.line


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("\n<a {{ x }}>", TAG, 2),
        ("<a{{ x }}>", TAG, 1),
        ('<a href="x"{{ x }}>', TAG, 1),
        ("<a b {{ x }}>", TAG, 1),
        ("<a {% filter upper %}x{% endfilter %}>", TAG, 1),
        ("<a\n{% call m() %}x{% endcall %}>", TAG, 2),
        ("{{ '<b' }}{{ x }}", TAG, 1),
        ("{{ '<b ' ~ x }}<b {{ env.x }}", TAG, 1),
        ("<{{ x }}>", SIGN, 1),
        ("\n\n</{{ x }}>", SIGN, 3),
        ('<a href="{{ x }}"" >t', NONE.format("'\" >t'"), 1),
        ('<a href="{{ x }}"\n<b>t</b>', NONE.format("'<b>t</b>'"), 1),
        ('<a href="{% if x %}y{% endif %}" / >', NONE.format("'/ >'"), 1),
        ('\n<a href="{{ x }}\n', "a quote in a tag is not closed", 2),
        ("x\n<a href='{{ x }}'\n", "a tag is not closed", 2),
        ("a\n\n<b {% if x %}a{% endif %}", "a tag is not closed", 3),
        ('\n{% if x %}<a href="{% endif %}">', BRANCHES.format(2, "text", "inside an attribute", 2), 2),
        (
            "{% if x %}<b>\n{% elif y %}<a{% else %}\n<b>{% endif %}>",
            BRANCHES.format(1, "text", "inside a tag", 2),
            1,
        ),
        ('{% for i in x %}<a href="{% endfor %}', BRANCHES.format(1, "text", "inside an attribute", 1), 1),
        ("{% for i in x %}{% else %}<i{% endfor %}", BRANCHES.format(1, "text", "inside a tag", 1), 1),
        ('<a{% if x %} href="{{ x }}">{% endif %}', BRANCHES.format(1, "inside a tag", "text", 1), 1),
        ("{% with a = 1 %}<{{ a }}{% endwith %}", SIGN, 1),
        ("{% block a %}<{{ a }}{% endblock %}", SIGN, 1),
    ],
)
def test_a_text_says_where_no_value_can_stand(source: str, message: str, line: int) -> None:
    assert problem(check_text, source) == (message, line)


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("['\\{{ x }}']", ESCAPE, 1),
        ('\n["\\{{ x }}"]', ESCAPE, 2),
        ("\n['a]", "a quote is not closed", 2),
        ("[{% if x %}'{% endif %}]", BRANCHES.format(1, "outside of quotes", "inside of quotes", 1), 1),
        ("[{% if x %}'{% else %}\"{% endif %}]", BRANCHES.format(1, "inside of quotes", "inside of quotes", 1), 1),
        ("[{% for x in y %}'{% endfor %}]", BRANCHES.format(1, "outside of quotes", "inside of quotes", 1), 1),
        ("['a' {% if x %}# no{% endif %}]", BRANCHES.format(1, "outside of quotes", "outside of quotes", 1), 1),
    ],
)
def test_a_keyboard_says_where_no_value_can_stand(source: str, message: str, line: int) -> None:
    assert problem(check_keyboard_source, source) == (message, line)


@pytest.mark.parametrize(
    "source",
    [
        "['{{ x }}', \"{{ x }}\", {{ x }}{{ x }}]",
        "[ # it's {{ x }}\n '{{ x }}']",
        "['\\'{{ x }}\\\\']",
        '["\\"{{ x }}\\n"]',
        "[{% if x %}'a'{% else %}\"b\"{% endif %}]",
        "['a{% if x %}b{% endif %}']",
        "['#{{ x }}', \"'{{ x }}\"]",
    ],
)
def test_values_can_stand_in_quotes_and_outside_of_a_keyboard(source: str) -> None:
    check_keyboard_source(source)


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ('{"a": {{ x }}{{ y }}}', TOUCHES.format("another one"), 1),
        ('{"a": {{ x }}{{ "" }}{{ y }}}', TOUCHES.format("another one"), 1),
        ('{"a": 1{{ y }}}', TOUCHES.format("'{\"a\": 1'"), 1),
        ('{"a": {{ x }}0}', TOUCHES.format("'0}'"), 1),
        ('{"a":\n"b"{{ x }}}', TOUCHES.format('\'{"a":\\n"b"\''), 2),
        ('{"a": {{ x }}"b"}', TOUCHES.format("'\"b\"}'"), 1),
        ('{"a": "\\{{ x }}"}', ESCAPE, 1),
        ('{"a": "{{ x }}}', "a quote is not closed", 1),
        ('{"a": {% if x %}"{% endif %}}', BRANCHES.format(1, "outside of quotes", "inside of quotes", 1), 1),
    ],
)
def test_data_says_where_no_value_can_stand(source: str, message: str, line: int) -> None:
    assert problem(check_data, source) == (message, line)


@pytest.mark.parametrize(
    "source",
    [
        '{"a": {{ x }}, "b": [{{ x }},{{ y }}], "c":{{ x }} }',
        '{"a": "x{{ x }}{{ y }}z"}',
        "{{ x }}",
        "\n{{ x }}\t",
        '{"a": {{ env.number }}{{ env.more }}}',
        '{"a": {% if x %}{{ x }}{% else %}"{{ y }}"{% endif %}}',
        "[{% for r in x %}{{ r }}{{ ',' if not loop.last }}{% endfor %}]",
        '{"a": {{ "1" }}{{ "2" }}}',
        "[{% for r in x %}{{ r }},{% endfor %}{{ y }}]",
        '{"a": "#\'{{ x }}"}',
    ],
)
def test_values_can_stand_in_quotes_and_alone_in_data(source: str) -> None:
    check_data(source)


@pytest.mark.parametrize("check", [check_url, check_parameter])
def test_values_can_stand_anywhere_in_addresses_and_parameters(check: Callable[[str], None]) -> None:
    check("<{{ x }}'{% if x %}\"{% endif %}\\{{ y }}")
