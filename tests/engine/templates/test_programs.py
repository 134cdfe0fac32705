"""Programs that are kept ready: what each takes is counted, proportional to its source, and bounded in all."""

from __future__ import annotations

import gc
import inspect
import sys
import threading
import tracemalloc
from contextlib import suppress

import pytest
from jinja2 import Environment

from permabots.engine.templates import Budget, RenderLimits, kinds, names_read, render_text
from permabots.engine.templates.compile.nesting import MAX_TOKENS
from permabots.engine.templates.compile.program import MAX_CACHE_BYTES, Program, program
from permabots.engine.templates.kinds import TemplateKind
from permabots.exceptions import RenderLimitExceeded, TemplateError

SHAPES = [
    "Some words of a text, and no value. ",
    "Hello {{ message.sender.name }}, ",
    "{{ a }}",
    "{{a}}x",
    '<a href="{{ a }}">{{ b }}</a>',
    "['{{ a }}', ",
    "{{ a|default('x')|upper|e|e }} ",
    "{% if a == 1 %}b{% elif c %}{% elif d %}{% else %}c{% endif %}",
    "{%if a%}x{%endif%}",
    "{% for a in b %}{{ loop.index }}{{ a.c }}{% endfor %}",
    "{%for a in b recursive%}{%endfor%}",
    "{%macro m(a, b=1)%}{{a}}{{b}}{%endmacro%}{{m(1)}}",
    "{%macro a()%}{%endmacro%}",
    "{%call a()%}{%endcall%}",
    "{%filter e%}{%endfilter%}",
    "{%set a|e|e%}{%endset%}",
    "{%set a%}{%endset%}",
    "{%set a, b = c%}",
    "{%with%}{%endwith%}",
    "{% set a = [1, 'b', {'c': d}] %}",
    "{{ a.b(c, d=e, *f, **g)[0]['f'] }}",
    "{{a.b.c.d.e.f.g}}",
    "{{ a + b * c - d / e }}",
    "{{a<b<c<d}}",
    "{{ a < b and c in d or not e is odd }}",
    "{{a[b:c:d]}}",
    "{{ 'x' if a else b }}",
    "{{ " + "a" * 90 + "." + "b" * 90 + " }}",
]
"""Of a template, again and again; also the shortest that make a node, a statement, or a text that remembers."""

BYTES_PER_CHARACTER = 300
"""What a program takes at the most for each character, of the densest shape."""

CONTEXT = {"a": {"b": "x"}, "b": [1]}


def source_of(shape: str, size: int) -> str:
    """Return a source of a size: as many times the shape as a template may hold, then text."""
    words = sum(kind not in ("data", "whitespace") for _, kind, _ in Environment().lex(shape))  # noqa: S701
    times = min(size // len(shape), MAX_TOKENS // max(1, words))
    return shape * times + "x" * (size - times * len(shape))


def taken(kind: TemplateKind, source: str) -> tuple[Program, int]:
    """Return a program that has been rendered once, and the bytes that it takes."""
    tracemalloc.start()
    try:
        ready = Program(kind, source)
        with suppress(TemplateError):  # some of the shapes compute with what is not there
            ready.render(CONTEXT, Budget(RenderLimits()))
        gc.collect()
        return ready, tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_program_takes_is_counted_and_proportional_to_its_source(shape: str) -> None:
    source = source_of(shape, 5_000)
    taken(kinds.TEXT, shape)  # whatever is made once for all
    ready, size_of_it = taken(kinds.TEXT, source)
    assert size_of_it <= ready.size
    assert size_of_it < BYTES_PER_CHARACTER * len(source)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shortest_program_is_counted_too(shape: str) -> None:
    taken(kinds.KEYBOARD, shape)
    ready, size_of_it = taken(kinds.KEYBOARD, shape)
    assert size_of_it <= ready.size


def test_programs_are_kept_up_to_their_limit_and_those_used_last() -> None:
    source = "{{ a }}" + "x" * 40_000
    first, second = program(kinds.TEXT, source), program(kinds.TEXT, f"{source}second")
    rounds = MAX_CACHE_BYTES // first.size + 5
    for number in range(rounds):
        program(kinds.TEXT, f"{source}{number}")
        assert program(kinds.TEXT, source) is first
    assert MAX_CACHE_BYTES // 2 < program.cache.currsize <= MAX_CACHE_BYTES
    assert len(program.cache) < rounds
    assert program(kinds.TEXT, f"{source}second") is not second


def test_a_program_is_of_one_kind() -> None:
    assert program(kinds.TEXT, "{{ a }}") is not program(kinds.URL, "{{ a }}")
    assert program(kinds.TEXT, "{{ a }}") is program(kinds.TEXT, "{{ a }}")


def test_what_cannot_be_used_is_not_kept() -> None:
    before = len(program.cache)
    for _ in range(2):
        with pytest.raises(TemplateError):
            program(kinds.TEXT, "{{ a template of this test alone }}")
    assert len(program.cache) == before


def test_threads_share_a_program_and_nothing_of_its_names() -> None:
    source = "{% set ns = namespace(x='') %}{% for i in range(200) %}{% set ns.x = ns.x ~ v %}{% endfor %}{{ ns.x }}"
    results: dict[str, str] = {}

    def render(value: str) -> None:
        results[value] = render_text(source, {"v": value}, Budget(RenderLimits()))

    threads = [threading.Thread(target=render, args=(value,)) for value in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {value: value * 200 for value in "abcd"}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ a.b.c }}{{ a.b }}{{ d['e'] }}{{ f[0] }}", ("a", "a.b", "a.b.c", "d", "d.e", "f")),
        ("{{ env.a }}{{ env['b'] }}{{ env }}", ("env.a", "env.b")),
        ("{% set a = b %}{{ a.x }}{% for c in d %}{{ c.y }}{{ loop.index }}{% endfor %}", ("b", "d")),
        ("{% macro m(a) %}{{ a }}{{ b }}{{ varargs }}{% endmacro %}{{ m(c) }}", ("b", "c")),
        ("{% with a = b %}{{ a }}{% endwith %}{{ x.items() }}{{ x.y().z }}", ("b", "x")),
        ("{% block b %}{{ a }}{% endblock %}{{ self.b() }}{{ self }}", ("a",)),
        ("{{ range(3) }}{{ (a or b).c }}", ("range", "a", "b")),
    ],
)
def test_the_names_that_a_template_reads_are_those_from_outside(source: str, names: tuple[str, ...]) -> None:
    assert set(names_read(source)) >= set(names)
    outside = {name.partition(".")[0] for name in names}
    assert {name.partition(".")[0] for name in names_read(source)} - {"(…)"} == outside


def test_no_more_than_a_few_hundred_names_are_remembered() -> None:
    source = "{{ a }}" + "".join(f"{{{{ n{number} }}}}" for number in range(230))
    assert len(names_read(source)) == 200


@pytest.mark.parametrize("source", ["{{ a }}" * 400, "{% if a %}{% endif %}" * 200, "{{ [" + "1," * 600 + "] }}"])
def test_the_blocks_of_a_template_hold_a_bounded_number_of_words(source: str) -> None:
    with pytest.raises(TemplateError, match=f"hold more than {MAX_TOKENS:,} words and signs"):
        program(kinds.TEXT, source)


def test_what_a_template_writes_is_bounded_after_escaping_too() -> None:
    limits = RenderLimits(max_chars=10)
    assert render_text("{{ v }}", {"v": "<" * 2}, Budget(limits)) == "&lt;" * 2
    with pytest.raises(RenderLimitExceeded, match="writes more than 10 characters"):
        render_text("{{ v }}", {"v": "<" * 3}, Budget(limits))


def test_a_stack_that_is_nearly_full_ends_a_rendering_with_an_error() -> None:
    ready = program(kinds.TEXT, "{% macro m(a) %}{{ a|default([1, (2, a)]) }}{% endmacro %}{{ m(m(m(1))) }}")

    def render_below(frames: int) -> None:
        if frames:
            render_below(frames - 1)
        else:
            ready.render({}, Budget(RenderLimits()))

    messages = set()
    for room in range(1, 80):  # frames; in the smallest rooms the test itself has none
        try:
            render_below(sys.getrecursionlimit() - len(inspect.stack(0)) - room)
        except RecursionError:
            continue
        except RenderLimitExceeded as error:
            messages.add(error.message)
    assert messages == {"it calls itself, or nests, too deeply"}
