"""Trying what an author wrote before anybody has answered: what fails whatever the values are is refused when saved."""

from __future__ import annotations

from collections.abc import Callable

from permabots.engine.templates.budget import Budget, RenderLimits
from permabots.engine.templates.compile.program import program
from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.kinds import PARAMETER, TemplateKind
from permabots.engine.templates.tables.functions import FUNCTIONS
from permabots.engine.templates.value_kinds import Guess, Unknown
from permabots.exceptions import KeyboardError, RenderLimitExceeded, TemplateError

_LIMITS = RenderLimits(timeout=0.2, max_steps=20_000, max_bytes=2_000_000)
"""Whoever saves does not wait for a template that takes long: it is taken."""


def refuse_certain_failure(attempt: Callable[[Guess], object]) -> None:
    """Try something with nothing filled in, and raise its error if it fails for certain.

    Where a condition or a value outside of quotes had a part in it, nobody can know.

    Args:
        attempt: renders with values that are not there yet, which stand for a guess.

    Raises:
        TemplateError, KeyboardError: of the first attempt.
    """
    refused: list[KeyboardError | TemplateError] = []
    for present in (False, True):
        guess = Guess(present)
        try:
            attempt(guess)
        except (KeyboardError, TemplateError) as error:
            refused.append(error)
            if guess.decided or guess.stood_bare:
                return
            if not guess.looped:
                break
        else:
            return
    raise refused[0]


def check_runs(kind: TemplateKind, source: str) -> None:
    """Refuse a template that fails whatever it is filled with: ``{{ 5 // 0 }}``.

    Raises:
        TemplateError: it cannot be used, or fails; the message says why, and in which line.
    """
    ready = program(kind, source)
    names = {name.partition(".")[0] for name in ready.reads} - FUNCTIONS.keys()

    def attempt(guess: Guess) -> None:
        unknown = dict.fromkeys(names, Unknown(guess))
        try:
            ready.render({**unknown, "emoji": EMOJI}, Budget(_LIMITS))
        except RenderLimitExceeded:
            return

    refuse_certain_failure(attempt)


def is_constant(source: str) -> bool:
    """Whether a template reads nothing but emoji that there are: it comes out the same each time."""
    return all(
        name in FUNCTIONS or (name.startswith("emoji.") and name.removeprefix("emoji.") in EMOJI)
        for name in program(PARAMETER, source).reads
    )
