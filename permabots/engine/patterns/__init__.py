"""The patterns of handlers. What others need of them is here; the other modules are their own.

A pattern is parsed into a tree (`tree`, `nodes`, `chars`). From the tree follow how long `re` may take (`cost`,
`lookahead_cost`), the same pattern for the `regex` library (`regex_translation`), and a prefilter of RE2 that finds the
patterns which may fit a text (`prefilter`, `prefilter_literals`, `re2_syntax`, `re2_set`).
"""

from permabots.engine.patterns.pattern import (
    LONGEST_MESSAGE,
    Pattern,
    PatternReport,
    TimeBudget,
    check_pattern,
    pattern_of,
)
from permabots.engine.patterns.re2_set import CandidateSet
from permabots.engine.patterns.regex_translation import prepare

__all__ = [
    "LONGEST_MESSAGE",
    "CandidateSet",
    "Pattern",
    "PatternReport",
    "TimeBudget",
    "check_pattern",
    "pattern_of",
    "prepare",
]
