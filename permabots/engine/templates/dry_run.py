"""Rendering a template when it is saved, with unknown values: a template that fails for all values is refused."""

from __future__ import annotations

from collections.abc import Callable

from permabots.engine.templates.budget import Budget, RenderLimits
from permabots.engine.templates.compile.program import program
from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.kinds import PARAMETER, TemplateKind
from permabots.engine.templates.tables.functions import FUNCTIONS
from permabots.engine.templates.value_kinds import Guess, Unknown
from permabots.exceptions import KeyboardError, RenderLimitExceeded, TemplateError

DRY_LIMITS = RenderLimits(timeout=0.2, max_steps=20_000, max_bytes=2_000_000)
"""The limits of a dry run. A template that exceeds them is accepted, since saving must not take long."""


def refuse_certain_failure(attempt: Callable[[Guess], object]) -> None:
    """Render with unknown values, and raise the error if every value would lead to one.

    An error is not certain if a condition read an unknown value, or one was written outside of quotes.

    Args:
        attempt: renders with `Unknown` values that belong to a `Guess`.

    Raises:
        TemplateError, KeyboardError: the error of the first attempt.
    """
    refused: list[KeyboardError | TemplateError] = []
    for present in (False, True):
        guess = Guess(present)
        try:
            attempt(guess)
        except (KeyboardError, TemplateError) as error:
            refused.append(error)
            if guess.decided or guess.used_unquoted:
                return
            if not guess.looped:
                break
        else:
            return
    raise refused[0]


def check_runs(kind: TemplateKind, source: str) -> None:
    """Check that a template does not fail for all values, as ``{{ 5 // 0 }}`` does.

    Args:
        kind: the kind of template.
        source: the template.

    Raises:
        TemplateError: the template cannot be used, or always fails; the message says why, and in which line.
    """
    ready = program(kind, source)
    names = {name.partition(".")[0] for name in ready.reads} - FUNCTIONS.keys()

    def attempt(guess: Guess) -> None:
        unknown = dict.fromkeys(names, Unknown(guess))
        try:
            ready.render({**unknown, "emoji": EMOJI}, Budget(DRY_LIMITS))
        except RenderLimitExceeded:
            return

    refuse_certain_failure(attempt)


def is_constant(source: str) -> bool:
    """Return whether a template has the same output each time: it reads no names but functions and existing emoji.

    Raises:
        TemplateError: the template cannot be used.
    """
    return all(
        name in FUNCTIONS or (name.startswith("emoji.") and name.removeprefix("emoji.") in EMOJI)
        for name in program(PARAMETER, source).reads
    )
