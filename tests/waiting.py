"""Time passes: what had to wait need not wait any more."""

from __future__ import annotations

from permabots.models import Chat, Conversation


def wait_is_over() -> None:
    """Let every conversation and every chat be due."""
    Conversation.objects.update(not_before=None)
    Chat.objects.update(not_before=None)
