"""The patterns of handlers. This module is the public interface of the package.

A pattern is parsed into a tree (`tree`, `nodes`, `chars`). From the tree are computed: how long `re` may take (`cost`,
`lookahead_cost`), the same pattern for the `regex` library (`regex_translation`), and a prefilter for RE2, which finds
the patterns that may match a text (`prefilter`, `prefilter_literals`, `re2_syntax`, `re2_set`).
"""

from permabots.engine.patterns.pattern import (
    MAX_MESSAGE_CHARS,
    Pattern,
    PatternReport,
    TimeBudget,
    check_pattern,
    pattern_of,
)
from permabots.engine.patterns.re2_set import CandidateSet
from permabots.engine.patterns.regex_translation import prepare

__all__ = [
    "MAX_MESSAGE_CHARS",
    "CandidateSet",
    "Pattern",
    "PatternReport",
    "TimeBudget",
    "check_pattern",
    "pattern_of",
    "prepare",
]
