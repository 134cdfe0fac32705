"""The budget of an answer: steps, bytes, frames, the clock and what is remembered, each with its limit."""

from __future__ import annotations

import threading
import time

import pytest

from permabots.engine.templates import Budget, RenderLimits, render_parameter, render_text
from permabots.engine.templates.budget import MAX_FRAMES, MAX_UNDEFINED, PAUSED_AFTER
from permabots.exceptions import RenderLimitExceeded


def burn(seconds: float) -> None:
    """Use CPU time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_steps_are_spent_to_the_last_and_not_beyond() -> None:
    budget = Budget(RenderLimits(max_steps=10))
    budget.spend(10)
    with pytest.raises(RenderLimitExceeded, match="take more than 10 steps"):
        budget.spend(1)


def test_bytes_are_made_to_the_last_and_not_beyond() -> None:
    budget = Budget(RenderLimits(max_bytes=100))
    budget.make(60)
    budget.make_text(10)
    for make in (budget.make, budget.make_text):
        with pytest.raises(RenderLimitExceeded, match="make more than 100 bytes of values"):
            make(1)


def test_what_is_made_takes_steps_too() -> None:
    budget = Budget(RenderLimits())
    budget.make(10 * 1024)
    assert budget.limits.max_steps - budget.steps == 10
    budget.make_text(10 * 256)
    assert budget.limits.max_steps - budget.steps == 20
    budget.make_text(100)
    assert budget.limits.max_steps - budget.steps == 20


def test_frames_are_given_back_when_a_call_cannot_be_opened() -> None:
    budget = Budget(RenderLimits())
    budget.enter(MAX_FRAMES - 5)
    with pytest.raises(RenderLimitExceeded, match="it calls itself, or nests, too deeply"):
        budget.enter(6)
    budget.enter(5)
    assert budget.frames == MAX_FRAMES


def test_frames_are_given_back_when_a_template_fails() -> None:
    budget = Budget(RenderLimits())
    for source in (
        "{% macro m() %}{{ 1 / 0 }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ):
        with pytest.raises(Exception, match=r"division|deeply"):
            render_text(source, {}, budget)
    assert budget.frames == 0


def test_cpu_time_is_read_every_thousand_steps() -> None:
    budget = Budget(RenderLimits(timeout=0.01))
    budget.spend(1_001)
    burn(0.02)
    budget.spend(999)
    with pytest.raises(RenderLimitExceeded, match=r"compute longer than 0\.01 s"):
        budget.spend(2)


def test_the_clock_stands_still_between_templates() -> None:
    budget = Budget(RenderLimits(timeout=0.3))
    loop = "{% for i in range(1100) %}{{ i }}{% endfor %}"
    render_text(loop, {}, budget)
    burn(0.4)
    render_text(loop, {}, budget)


def test_the_time_of_one_template_is_missing_for_the_next() -> None:
    budget = Budget(RenderLimits(timeout=0.05))
    budget.check()
    burn(0.06)
    budget.pause()
    with pytest.raises(RenderLimitExceeded, match="compute longer"):
        render_text("{% for i in range(3000) %}{{ i }}{% endfor %}", {}, budget)


def test_a_pause_before_anything_was_counted_changes_nothing() -> None:
    budget = Budget(RenderLimits())
    budget.pause()
    budget.spend(5)
    assert budget.limits.max_steps - budget.steps == 5


def test_the_time_that_others_take_is_not_a_templates() -> None:
    budget = Budget(RenderLimits(timeout=0.05))
    budget.check()
    neighbour = threading.Thread(target=burn, args=(0.1,))
    neighbour.start()
    neighbour.join()
    budget.check()


def test_names_of_what_is_undefined_are_remembered_once_shortened_and_bounded() -> None:
    budget = Budget(RenderLimits())
    for name in ["a", "a", "b" * 1_000, *(f"n{number}" for number in range(MAX_UNDEFINED))]:
        budget.note_undefined(name)
    assert budget.undefined[:3] == ["a", "b" * 100, "n0"]
    assert len(budget.undefined) == MAX_UNDEFINED


def test_a_loop_notes_no_more_names_than_are_remembered() -> None:
    budget = Budget(RenderLimits())
    render_parameter("{% for i in range(900) %}{{ a[i|string] }}{% endfor %}", {"a": {}}, budget)
    assert len(budget.undefined) == MAX_UNDEFINED


def test_names_of_what_is_undefined_stay_short_however_deep_they_lead() -> None:
    budget = Budget(RenderLimits())
    source = "{% set ns = namespace(x=a) %}{% for i in range(2000) %}{% set ns.x = ns.x.b %}{% endfor %}{{ ns.x }}"
    render_parameter(source, {}, budget)
    assert [len(name) <= 100 for name in budget.undefined] == [True]


def test_a_few_refused_links_are_remembered_whole() -> None:
    budget = Budget(RenderLimits())
    links = "".join(f'<a href="bad{number}:{"x" * 500}">t</a>' for number in range(50))
    assert render_text(links, {}, budget) == "t" * 50
    assert budget.refused_links == [f"bad{number}:{'x' * 500}" for number in range(10)]


def test_the_same_template_costs_the_same_every_time() -> None:
    def steps() -> int:
        budget = Budget(RenderLimits())
        render_text("{% for i in x|sort %}{{ i ~ 'a' }}{{ x|join(',') }}{% endfor %}", {"x": ["b", "a"] * 50}, budget)
        return budget.steps

    assert steps() == steps()


LONG = "{% for a in range(300) %}{% for b in range(300) %}{% endfor %}{% endfor %}done"


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1])
def test_a_template_with_a_share_of_the_time_sleeps_the_rest_of_it(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    began = time.thread_time()
    assert render_text(LONG, {}, Budget(RenderLimits(cpu_share=share))) == "done"
    assert sum(slept) <= (time.thread_time() - began) * (1 / share - 1)
    assert bool(slept) == (share < 1)
    assert all(part > PAUSED_AFTER * (1 / share - 1) for part in slept)


def test_a_short_template_sleeps_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", None)
    assert render_text("{{ 1 + 1 }}", {}, Budget(RenderLimits(cpu_share=0.1))) == "2"
