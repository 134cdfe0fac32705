"""The patterns of handlers: regular expressions of Python's `re`, searched within a time limit.

A pattern means what it means to ``re.search`` without flags. Where the pattern's tree shows that `re` cannot take long
on a text of this length, `re` itself searches; else the `regex` library searches, under a time limit, with the pattern
translated to its syntax (`permabots.engine.patterns.regex_translation` lists the remaining differences).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Literal

import regex

from permabots.engine.patterns.cost import safe_length
from permabots.engine.patterns.nodes import Atomic, Backreference, Condition, Look, Node, Repeat, preparation, walk
from permabots.engine.patterns.prefilter import approximate
from permabots.engine.patterns.regex_translation import compile_exactly
from permabots.engine.patterns.tree import COMPILE_ERRORS, explain, parse, quietly
from permabots.exceptions import PatternError, PatternTimeout

MAX_MESSAGE_CHARS = 4096
"""Characters of the longest text a messenger delivers (Telegram, https://core.telegram.org/bots/api#message)."""


@dataclass(frozen=True, slots=True)
class PatternReport:
    """A report about a pattern, for its author.

    Args:
        kind: ``linear`` when no message can make the pattern slow, else ``time-limited``.
        approximated: constructs that RE2 does not have: its candidates are found without them, and `re` decides.
        every_message: whether the pattern is tried on every message, because RE2 cannot narrow the choice.
        explanation: the report in words.
    """

    kind: Literal["linear", "time-limited"]
    approximated: tuple[str, ...]
    every_message: bool
    explanation: str


MAX_PREPARATION = 150_000
"""How much work it may be to compile the patterns that run under a time limit: one when it is saved, and those that one
text compiles. See `permabots.engine.patterns.nodes.preparation`: about as many microseconds."""


class TimeBudget:
    """The time that patterns may run on one text, and the work of compiling some of them.

    Args:
        each: seconds for one pattern.
        all_together: seconds for all patterns.
    """

    __slots__ = ("_each", "_left", "_preparation")

    def __init__(self, each: float, all_together: float) -> None:
        self._each = each
        self._left = all_together
        self._preparation = MAX_PREPARATION

    def prepare(self, work: int) -> None:
        """Take the work of compiling a pattern. What one text leaves is compiled for the next.

        Raises:
            PatternTimeout: too much was compiled for this text already.
        """
        if work > self._preparation:
            raise PatternTimeout("the patterns before it took all the work there is for one message")
        self._preparation -= work

    def grant(self) -> float:
        """Return how many seconds the next pattern may run.

        Raises:
            PatternTimeout: no time is left.
        """
        if self._left <= 0:
            raise PatternTimeout("the patterns before it took all the time there is for one message")
        return min(self._each, self._left)

    def charge(self, started: float) -> None:
        """Subtract the time since a start, at most the limit of one pattern.

        On a busy machine more time may have passed; the other patterns do not pay for that.

        Args:
            started: the start, as a reading of `time.perf_counter`.
        """
        self._left -= min(perf_counter() - started, self._each)


class Pattern:
    """One pattern. It is parsed at once, and compiled when it is first searched.

    Args:
        text: the pattern as the author wrote it.

    Raises:
        PatternError: `re` does not accept it.
    """

    __slots__ = ("_direct", "_limited", "approximation", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.approximation = approximate(parse(text).root)
        """Patterns for RE2, at least one of which matches every text that this pattern matches."""
        self._direct: tuple[re.Pattern[str], int] | None = None
        self._limited: tuple[regex.Pattern[str], dict[str, int]] | None = None

    def search(self, text: str, budget: TimeBudget) -> dict[str, str | None] | None:
        """Return the named groups of the first match in a text, or None without a match.

        Args:
            text: the text.
            budget: the time that is left for this text.

        Raises:
            PatternTimeout: the search takes longer than allowed.
            PatternError: the pattern parses and does not compile.
        """
        compiled, longest = self._direct or self._compile()
        seconds = budget.grant()
        if len(text) > longest:
            return self._search_limited(text, budget, seconds)
        started = perf_counter()
        try:
            match = compiled.search(text)
        except SystemError:  # a defect of `re`, for groups in a possessive repeat (seen in 3.11 to 3.13)
            return self._search_limited(text, budget, seconds)
        budget.charge(started)
        return match and match.groupdict()

    @property
    def safe_length(self) -> int:
        """The longest text, in characters, on which the pattern needs no time limit."""
        return (self._direct or self._compile())[1]

    def _compile(self) -> tuple[re.Pattern[str], int]:
        with _explained():
            self._direct = quietly(re.compile, self.text), safe_length(parse(self.text).root)
        return self._direct

    def _search_limited(self, text: str, budget: TimeBudget, seconds: float) -> dict[str, str | None] | None:
        compiled, names = self._limited or self._compile_limited(budget)
        started = perf_counter()
        try:
            match = compiled.search(text, timeout=seconds)
        except TimeoutError as error:
            raise PatternTimeout(f"the pattern ran longer than {seconds:g} seconds") from error
        finally:
            budget.charge(started)
        return match and {name: match.group(index) for name, index in names.items()}

    def check_preparation(self) -> int:
        """Return how much work it is to compile the pattern for a search under a time limit.

        Raises:
            PatternError: it is too much.
        """
        if (work := preparation(parse(self.text).root)) > MAX_PREPARATION:
            raise PatternError(
                "it takes too long to prepare: write fewer \\b, \\w and \\d, and smaller numbers at their repeats"
            )
        return work

    def _compile_limited(self, budget: TimeBudget) -> tuple[regex.Pattern[str], dict[str, int]]:
        budget.prepare(self.check_preparation())
        with _explained():
            tree = parse(self.text)
            self._limited = compile_exactly(tree.root), tree.names
        return self._limited


@contextmanager
def _explained() -> Iterator[None]:
    """Turn errors of compiling into a `PatternError`: a pattern that parses may be nested too deeply to compile."""
    try:
        yield
    except (*COMPILE_ERRORS, regex.error) as error:
        raise explain(error) from error


@lru_cache(maxsize=1 << 15)
def pattern_of(text: str) -> Pattern:
    """Return the `Pattern` of a text, cached for all bots of the process.

    Raises:
        PatternError: `re` does not accept it.
    """
    return Pattern(text)


def check_pattern(pattern: str) -> PatternReport:
    """Check a pattern before it is saved.

    Args:
        pattern: the pattern as the author wrote it.

    Returns:
        A report on how it will be searched, and why.

    Raises:
        PatternError: the pattern cannot be used; the message says what is wrong and at which position.
    """
    prepared = pattern_of(pattern)
    kind: Literal["linear", "time-limited"] = "linear" if prepared.safe_length >= MAX_MESSAGE_CHARS else "time-limited"
    if kind == "time-limited":
        prepared.check_preparation()
    approximated = tuple(dict.fromkeys(filter(None, map(_foreign, walk(parse(pattern).root)))))
    every_message = prepared.approximation == ("",)
    return PatternReport(kind, approximated, every_message, _explain(kind, approximated, every_message))


def _foreign(node: Node) -> str:
    """Return the name of a construct that RE2 does not have, "" for other elements."""
    if isinstance(node, Repeat):
        return "possessive repeat" if node.mode == "possessive" else ""
    if isinstance(node, Look):
        return "lookahead" if node.ahead else "lookbehind"
    return {Backreference: "backreference", Condition: "condition", Atomic: "atomic group"}.get(type(node), "")


def _explain(kind: str, approximated: tuple[str, ...], every_message: bool) -> str:
    sentences = ["No message can make it slow."]
    if kind == "time-limited":
        sentences = [
            "It runs under a time limit, and the handler is passed over where that is exceeded: some texts it could "
            "match in very many ways, as with a repeat inside a repeat or neighbours that take the same characters."
        ]
    if every_message:
        sentences.append("It is tried on every message, since nothing in it asks for a certain text.")
    elif approximated:
        sentences.append(f"It is tried on more messages than it matches, for its {' and '.join(approximated)}.")
    return " ".join(sentences)
