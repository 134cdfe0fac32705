"""Templates that would run for ever or fill the memory end with an error instead, in any thread."""

from __future__ import annotations

import threading
import tracemalloc
from datetime import date

import pytest

from permabots.engine.templates import Budget, RenderLimits, render_keyboard_source, render_text
from permabots.exceptions import RenderLimitExceeded, TemplateError
from tests.engine.templates.rendering import text

MEMORY = 64_000_000
"""Bytes. More than any value may need, much less than the templates below ask for."""

TOO_LARGE = [
    "{{ ('a' * 300000).rfind('ab' ~ 'a' * 150000) }}",
    "{{ ('a' * 300000).rindex('ab' ~ 'a' * 150000) }}",
    "{{ ('a' * 300000).rsplit('ab' ~ 'a' * 150000) }}",
    "{{ ('a' * 300000).rpartition('ab' ~ 'a' * 150000) }}",
    "{{ ([{}] * 50)|map(attribute='a.' * 300000)|list }}",
    "{{ ([{}] * 90000)|map(attribute='0.0.0.0.0.0.0.0.0')|list }}",
    "{{ ('{a}' * 2500000).format_map({'a': 1}) }}",
    "{{ ('{{' * 3000000).format('a') }}",
    "{{ ('%%' * 4000000)|format() }}",
    "{{ ('ΐ ' * 500000)|title }}",
    "{{ ([''] * 900000)|string }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 1000000000 * 'a' }}",
    "{{ [0] * 1000000000 }}",
    "{{ (1, 2) * 1000000000 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%.999999999f' % 1 }}",
    "{{ '%(a)99999d' % {'a': 1} }}",
    "{{ '%999999999d'|format(1) }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ '{:{}}'.format(1, 999999999) }}",
    "{{ '{a:>9999}'.format_map({'a': 1}) }}",
    "{{ 9 ** 999999999 }}",
    "{{ (10 ** 4000) ** 4000 }}",
    "{{ 1 + 10 ** 4000 * 10 ** 4000 * 10 ** 4000 }}",
    "{{ range(10 ** 9) }}",
    "{{ range(0, 10 ** 19, 10 ** 18) }}",
    "{{ 'a'.center(1000000000) }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ 'a'.rjust(1000000000, 'b') }}",
    "{{ 'a'.zfill(1000000000) }}",
    "{{ 'a\t\t'.expandtabs(1000000000) }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ date.strftime('%999d' * 100000) }}",
    "{{ ('{:' ~ '%999d' * 900 ~ '}').format(date) }}",
    "{{ 'a'|indent(1000000000) }}",
    "{{ ('\n' * 100000)|indent('x' * 100, blank=true) }}",
    "{{ 'abc'|batch(1000000000, 'x')|list }}",
    "{{ 'abc'|batch(1000000, 'x' * 1000000)|first }}",
    "{{ {'a': [1]}|tojson(indent=1000000000) }}",
    "{{ 1.5|round(1000000000) }}",
    "{{ 1.5|round(-1000000000, 'ceil') }}",
    "{{ ('9' * 5000)|int }}",
    "{{ ('f' * 1000000)|int(base=16) }}",
    "{{ (['x' * 100000] * 9)|join('x' * 200000) }}",
    "{{ ('x' * 200000).join(['x' * 100000] * 9) }}",
    "{{ ('a' * 10000).replace('a', 'b' * 10000) }}",
    "{{ ('a' * 10000)|replace('a', 'b' * 10000) }}",
    "{{ cycler('x' * 5000000, 'y' * 6000000) }}",
    "{{ [['a' * 900000]]|sum(start=['a' * 900000]) }}",
    "{% set x = [0] * 1000 %}{% set x = [x] * 1000 %}{% set x = [x] * 1000 %}{{ x }}",
]

GROWING = [
    "ns.x ~ ns.x",
    "ns.x + ns.x",
    "ns.x * 2",
    "[ns.x, ns.x]",
    "(ns.x, ns.x)",
    "{1: ns.x, 2: ns.x}",
    "dict(a=ns.x, b=ns.x)",
    "[ns.x, ns.x]|list",
    "[ns.x, ns.x]|join",
    "ns.x|string ~ ns.x",
    "ns.x|string|replace('a', 'aa')",
    "'%s%s' % (ns.x, ns.x)",
    "'{0}{0}'.format(ns.x)",
    "dict(a=ns.x, b=ns.x).items()|list",
    "cycler([ns.x, ns.x], 1).current",
]

ENDLESS = [
    "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
    "{% for i in 'a' * 100000 %}{% for j in 'a' * 100000 %}{% set x = 1 %}{% endfor %}{% endfor %}",
    "{% for i in range(100000) if i %}{% for j in range(100000) if not j %}{% endfor %}{% endfor %}",
    "{% for x in [1] recursive %}{{ loop(range(100000)) if loop.depth < 9 }}{% endfor %}",
    "{% macro m() %}{% for i in range(100000) %}{% for j in range(1000) %}{{ caller() }}{% endfor %}{% endfor %}"
    "{% endmacro %}{% call m() %}x{% endcall %}",
    "{% macro m(n) %}{% if n < 60 %}{% set x = m(n + 1) %}{% set x = m(n + 1) %}{% endif %}{% endmacro %}{{ m(0) }}",
    "{% macro m() %}{% for i in range(100000) %}{% for j in range(100000) %}static text{% endfor %}{% endfor %}"
    "{% endmacro %}{{ m() }}",
    "{% set t %}{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}{% endset %}",
    "{% filter upper %}{% for i in range(100000) %}{% for i in range(1000) %}{{ i }}{% endfor %}{% endfor %}"
    "{% endfilter %}",
    "{% for i in range(100000) %}static text{% endfor %}",
    "{{ range(100000)|select('in', range(100000)|list|reverse|list)|list|length }}",
    "{{ 'abc'|slice(1000000000)|list }}",
    "{% for i in range(9000) %}{% set x = ('a' * 100000)|upper %}{% endfor %}",
]

UNREACHABLE = [
    "{{ (1).to_bytes(1000000000, 'big') }}",
    "{{ 'a'.translate({97: 'a' * 1000000}) }}",
    "{{ dict.fromkeys(range(100000)) }}",
    "{{ ('a' * 100000)|wordwrap(1) }}",
    "{{ {'a': 'b'}|xmlattr }}",
    "{{ 'a'|urlize }}",
    "{{ 'a'|pprint }}",
    "{% now 'utc', '%99999d' * 1000 %}",
    "{% for x in [1] recursive %}{{ loop([x]) }}{% endfor %}",
    "{% block a %}{{ self.a() }}{% endblock %}",
]


def outcome(source: str) -> TemplateError | str:
    try:
        return render_text(source, {"date": date(2026, 1, 31)}, Budget(RenderLimits(timeout=0.2)))
    except TemplateError as error:
        return error


@pytest.mark.parametrize("source", [*TOO_LARGE, *ENDLESS])
def test_a_template_that_wants_too_much_is_stopped_before_it_gets_it(source: str) -> None:
    tracemalloc.start()
    result = outcome(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(result, RenderLimitExceeded)
    assert peak < MEMORY


@pytest.mark.parametrize("step", GROWING)
def test_a_value_that_doubles_again_and_again_is_stopped(step: str) -> None:
    source = "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = " + step + " %}{% endfor %}"
    assert isinstance(outcome(source), RenderLimitExceeded)


@pytest.mark.parametrize("body", ["{{ ns.x }}{{ ns.x }}", "{% filter upper %}{{ ns.x }}{{ ns.x }}{% endfilter %}"])
def test_a_block_that_doubles_again_and_again_is_stopped(body: str) -> None:
    block = "{% set y %}" + body + "{% endset %}{% set ns.x = y %}"
    source = "{% set ns = namespace(x='a') %}{% for i in range(100) %}" + block + "{% endfor %}"
    assert isinstance(outcome(source), RenderLimitExceeded)


def test_the_arguments_of_a_macro_that_double_again_and_again_are_stopped() -> None:
    macro = "{% macro m(n) %}{{ m(n + 1, varargs, varargs) if n < 90 else varargs }}{% endmacro %}{{ m(0, 'x') }}"
    assert isinstance(outcome(macro), RenderLimitExceeded)


def test_a_namespace_shows_nothing_of_what_it_holds() -> None:
    assert text("{% set ns = namespace(x=1) %}{{ ns }}") == "&lt;namespace&gt;"


@pytest.mark.parametrize("source", UNREACHABLE)
def test_what_cannot_be_bounded_is_not_there(source: str) -> None:
    assert isinstance(outcome(source), TemplateError)


def test_the_output_is_of_a_bounded_length() -> None:
    limits = RenderLimits(max_chars=10)
    assert render_text("{{ x }}", {"x": "1234567890"}, Budget(limits)) == "1234567890"
    with pytest.raises(RenderLimitExceeded, match="writes more than 10 characters"):
        render_text("{{ x }}-", {"x": "1234567890"}, Budget(limits))


@pytest.mark.parametrize(
    ("limits", "source", "message"),
    [
        (RenderLimits(max_steps=10_000), ENDLESS[0], "take more than 10,000 steps"),
        (RenderLimits(timeout=0.0), ENDLESS[0], "compute longer than 0 s"),
        (RenderLimits(max_bytes=10_000), "{{ 'x' * 10000 }}", "make more than 10,000 bytes of values"),
    ],
)
def test_all_templates_of_an_answer_share_what_they_may_cost(limits: RenderLimits, source: str, message: str) -> None:
    budget = Budget(limits)
    for _ in range(2):
        with pytest.raises(RenderLimitExceeded, match=message):
            render_text(source, {}, budget)
    half = Budget(RenderLimits(max_steps=1_000))
    render_text("{% for i in range(300) %}{% endfor %}", {}, half)
    with pytest.raises(RenderLimitExceeded, match="steps"):
        render_keyboard_source("{% for i in range(300) %}{% set a = i + 1 %}{% endfor %}", {}, half)


def test_limits_hold_in_a_thread() -> None:
    results: list[TemplateError | str] = []
    thread = threading.Thread(target=lambda: results.append(outcome(ENDLESS[0])))
    thread.start()
    thread.join()
    assert isinstance(results[0], RenderLimitExceeded)


def test_threads_keep_their_own_budgets() -> None:
    inner = Budget(RenderLimits())

    class Nested:
        def __str__(self) -> str:
            return render_text("{{ inner.name }}", {}, inner)

    outer = Budget(RenderLimits())
    assert render_text("{{ x }}{{ outer.name }}", {"x": Nested()}, outer) == ""
    assert (outer.undefined, inner.undefined) == (["outer.name"], ["inner.name"])


def test_values_of_the_largest_size_can_be_made() -> None:
    assert text("{{ ('a' * " + str(1_000_000) + ")|length }}") == str(1_000_000)


def test_a_limit_that_runs_out_behind_the_last_value_is_told_with_a_line() -> None:
    with pytest.raises(RenderLimitExceeded) as caught:
        render_text("\n{{ x }}\n" + "{{ x }}" * 90 + "\nend", {"x": "y" * 100_000}, Budget(RenderLimits()))
    assert caught.value.line == 3
