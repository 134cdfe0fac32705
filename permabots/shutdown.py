"""Whether this worker has been asked to shut down: a flag that its main process shares with every forked child.

The signal reaches the main process alone, and its children go on with their tasks. So the flag is one byte of shared
memory, made before the children are forked. Children that are not forked do not see it, and end after their tasks.
"""

from __future__ import annotations

import mmap

_flag = mmap.mmap(-1, 1)


def begin() -> None:
    """Set the flag: every drain ends before its next message."""
    _flag[0] = 1


def has_begun() -> bool:
    """Return whether this worker shuts down, and should leave work that is not begun to other workers."""
    return _flag[0] == 1


def reset() -> None:
    """Clear the flag: for a process that starts another worker, as tests do."""
    _flag[0] = 0
