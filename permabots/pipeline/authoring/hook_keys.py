"""Replacing the keys of notification hooks, without a post that is refused."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from permabots.database import alias
from permabots.models import Hook
from permabots.models.hook import generate_key
from permabots.pipeline.authoring.configuration import editing, save

DAY = 24 * 3600
GRACE = DAY
"""Seconds for which posts with a replaced key are taken, where nobody says otherwise."""
MAX_GRACE = 7 * DAY
"""Seconds for which they may be taken at most."""


def rotate(hook: Hook, grace_seconds: int = GRACE) -> Hook:
    """Give a hook a new key. What was posted before is told, whatever its key; an ``Idempotency-Key`` is the hook's.

    Args:
        hook: the hook; it has the new values afterwards.
        grace_seconds: how long the key that it had is taken too, up to `MAX_GRACE`; with 0 the new key alone is taken.

    Returns:
        The hook.

    Raises:
        django.core.exceptions.ValidationError: the key before has time of grace left, which this would cut short.
        Hook.DoesNotExist: it was deleted.
    """
    kept = min(max(grace_seconds, 0), MAX_GRACE)
    with editing(hook.bot):
        hook.refresh_from_db()
        now, until = timezone.now(), hook.previous_key_expires_at
        if kept and until is not None and until > now:
            raise ValidationError(
                f"The key before the present one is taken until {until:%Y-%m-%d %H:%M:%S %Z}, and a hook has two keys "
                "at most. Wait until then, or let both end at once, with 0 seconds of grace."
            )
        expires_at = now + timedelta(seconds=kept) if kept else None
        # Machine columns, and part of the change of the key, which is the event.
        Hook._base_manager.using(alias()).filter(pk=hook.pk).update(
            previous_key=hook.key if kept else None, previous_key_expires_at=expires_at
        )
        save(hook, {"key": generate_key()})
        hook.refresh_from_db()
    return hook
