"""Why a post to a notification hook is refused."""

from __future__ import annotations

from permabots.exceptions.base import PermabotsError


class HookPostRefused(PermabotsError):
    """A post to a hook is refused: no recipient gets a message. The text says why."""


class QuotaReached(HookPostRefused):
    """The bot has as many stored messages as it may have; the text names the quota."""


class DataIncomplete(HookPostRefused):
    """A strict hook was posted data on which its template fails, or which leave an expression of it empty.

    Args:
        gaps: one sentence for each expression without a value.
    """

    def __init__(self, gaps: tuple[str, ...]) -> None:
        super().__init__(" ".join(gaps))
        self.gaps = gaps


class RecipientsUnknown(HookPostRefused):
    """A post names recipients that its hook does not have, or a name may mean different recipients.

    Args:
        problems: one sentence for each such name.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class KeyReused(HookPostRefused):
    """An idempotency key was used before for other data."""
