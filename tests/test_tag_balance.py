"""Whether a tag of a text template can be closed, as conditions and loops turn out."""

from __future__ import annotations

import pytest

from permabots.tag_balance import can_be_closed


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<i>",
        "<b>a</b>",
        "<B>a</b>",
        "</b><b>",
        "{% if a %}<b>{% endif %}x{% if a %}</b>{% endif %}",
        "{% for a in x %}<b>{% endfor %}</b>",
        "<b>{% for a in x %}</b>{% endfor %}",
        "<b>{% for a in x %}</b><b>{% endfor %}</b>",
        "{% macro m() %}<b>{% endmacro %}{{ m() }}</b>",
        "{% set a %}<b>{% endset %}{{ a }}</b>",
        "{% call m() %}<b>{% endcall %}</b>",
        "{% filter upper %}<b>{% endfilter %}</b>",
        "{% with %}<b>{% endwith %}</b>",
        "{% block x %}<b>{% endblock %}</b>",
        "{{ '<b>' }}a{{ '</b>' }}",
        "{{ '<b>' ~ a ~ '</b>' }}",
        "{{ '<b>' if a else '<b>' }}x</b>",
        "{{ m('<b>', c='</b>') }}",
        "<{{ a }}b>",
        "&lt;b&gt;",
        "<b",
    ],
)
def test_a_tag_can_be_closed(source: str) -> None:
    assert can_be_closed(source, "b")


@pytest.mark.parametrize(
    "source",
    [
        "<b>",
        "</b>",
        "<b>a<b>",
        "{% if a %}<b>{% else %}<b>x{% endif %}",
        "<b>{% if a %}</b>{% endif %}<b>",
        "{% if a %}</b>{% else %}</b></b>{% endif %}",
        "<b>{% for a in x %}<b>{% endfor %}",
        "<b>{% for a in x %}<b></b>{% else %}x{% endfor %}",
        "</b>{% for a in x %}</b>{% else %}</b>{% endfor %}",
        "{% filter upper %}<b>{% endfilter %}",
        "{% with %}<b>{% endwith %}",
        "{{ '<b>' }}",
        "{{ '<b>' if a else '<b><b>' }}",
        "{{ '<b>' if a == '</b>' else '<b>' }}",
        "<b>{{ 5 if a }}",
        "{% if a %}<b>{% else %}<b><b>{% endif %}x</b>",
        "{% if a %}<b>{% elif c %}<i>{% else %}x{% endif %}",
        "<b>{% for a in x %}{% else %}</b>{% endfor %}",
        "{{ '<b>' if a else '<i>' }}x</b>",
        "{{ '<b>' if a }}x</b>",
        "<b>{{ ('</b>' if a) ~ 1 }}",
        "<b>{% nonsense %}",
        "<b>{{ a",
    ],
)
def test_a_tag_is_open_under_some_condition_that_no_other_closes(source: str) -> None:
    assert not can_be_closed(source, "b")
