"""Whether this worker has been asked to end: known to its main process and to every child that it forked.

A signal reaches the main process alone, and its children work on whatever they have. So they share one byte of memory,
from before they are forked. Where children are not forked they do not learn of it, and end as their work ends.
"""

from __future__ import annotations

import mmap

_flag = mmap.mmap(-1, 1)


def begin() -> None:
    """Have every piece of work end at the next place where it can be left."""
    _flag[0] = 1


def has_begun() -> bool:
    """Return whether to leave what is not begun to others."""
    return _flag[0] == 1


def reset() -> None:
    """Go on working: for a process that starts another worker, as tests do."""
    _flag[0] = 0
