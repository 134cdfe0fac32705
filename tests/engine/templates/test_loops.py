"""Loops: as in Jinja, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in [1, 1, 2] %}{{ loop.changed(a) }}{% endfor %}",
        "{% for a in nums %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}"
        "{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }}"
        "{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('x', 'y') }}{{ loop.changed(a) }};{% endfor %}",
        "{% for a in [1,1,2] %}{{ loop.changed(a) }}{{ loop.changed(a, 1) }}{% endfor %}",
        "{% for a in [{'n': 1, 'c': [{'n': 2, 'c': []}]}] recursive %}{{ a.n }}{{ loop.depth }}{{ loop(a.c)"
        " }}{% else %}-{% endfor %}",
        "{% for a in nums if a > 1 %}{{ a }}{{ loop.length }}{% else %}none{% endfor %}",
        "{% for a in nums if a > 9 %}{{ a }}{% else %}none{% endfor %}",
        "{% for a in [] %}x{% else %}{{ a }}none{% endfor %}",
        "{% for k, v in o.items() %}{{ k }}{{ v }}{% endfor %}{% for k in o %}{{ k }}{% endfor %}"
        "{% for c in 'abc' %}{{ c }}{% endfor %}",
        "{% for a, b in ['xy'] %}{{ a }}{{ b }}{% endfor %}",
        "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
        "{% for a in nope %}x{% else %}e{% endfor %}",
    ],
)
def test_loops_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{% for loop in nums %}{% endfor %}", "loop is set by every for: the items want another name"),
        ("{% for a in [1] %}{{ loop.cycle() }}{% endfor %}", "loop.cycle wants one value at least"),
        ("{% for a in [1] %}{{ loop([1]) }}{% endfor %}", "only a loop that is marked recursive can be called"),
        ("{% for a in [1] recursive %}{{ loop() }}{% endfor %}", "loop(…) wants what it shall walk through"),
        ("{% for a in [1] recursive %}{{ loop([1], 2) }}{% endfor %}", "loop(…) wants what it shall walk through"),
        ("{% for a, b in nums %}{% endfor %}", "a number cannot be set to 2 names"),
        ("{% for a, b in ['xyz'] %}{{ a }}{{ b }}{% endfor %}", "2 names cannot be set to 3 values"),
        ("{% for a, b in [[1]] %}{{ a }}{{ b }}{% endfor %}", "2 names cannot be set to 1 values"),
        ("{% for a, b in [{'x': 1, 'y': 2}] %}{{ a }}{{ b }}{% endfor %}", "an object cannot be set to 2 names"),
        ("{% for a in 5 %}{% endfor %}", "a number cannot be walked through"),
        ("{% for a in nothing %}{% endfor %}", "nothing cannot be walked through"),
    ],
)
def test_loops_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
