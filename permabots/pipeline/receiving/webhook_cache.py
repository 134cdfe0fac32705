"""What a webhook must know before it stores, kept in Django's cache. Correctness never depends on it.

The integration by its hook id, the conversation's id by its chat; on PostgreSQL neither, since reading them by hand
costs less. A changed integration is forgotten at once where the
cache is shared, and after 2 seconds at most where it belongs to one process.

A host may have any cache. So only plain values are kept, which every serializer takes; what is read counts only where
it has the very form; and whatever a cache raises costs a query and a line in the log.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache

from permabots import logs
from permabots.conf import get_config
from permabots.cooldown import Pause
from permabots.database import after_commit, cache_savepoint
from permabots.models import IntegrationBot
from permabots.pipeline.postgresql import execution
from permabots.pipeline.receiving import webhook_target
from permabots.pipeline.receiving.webhook_target import WebhookTarget

logger = logs.get_logger(__name__)

LOCAL_SECONDS = 2.0
CHANGED = "changed"
CHANGED_SECONDS = 10
"""Seconds in which whoever read a row before its change has written it into the cache, or met the database's limits."""
SLOW = 0.1
"""Seconds of a failing call from which on the next webhooks do not ask the cache."""

_pause = Pause(1.0)


def is_local() -> bool:
    """Whether the default cache belongs to this process alone."""
    return isinstance(caches["default"], LocMemCache | DummyCache)


def get_webhook_target(slug: str, hook_id: UUID) -> WebhookTarget | None:
    """Return the integration that a webhook's URL names, None where there is none."""
    if execution.is_used():  # one statement costs less than a call of a cache in Redis, and is never out of date
        return webhook_target.read(slug, hook_id)
    found = WebhookTarget.of_plain(_get(_target_key(slug, hook_id)))
    return found or read_webhook_target(slug, hook_id)


def read_webhook_target(slug: str, hook_id: UUID) -> WebhookTarget | None:
    """Return the integration as the database has it, for a call that does not fit what the cache says."""
    target = webhook_target.read(slug, hook_id)
    if target is not None and not execution.is_used():
        _set(_target_key(slug, hook_id), target.plain(), new=True)
    return target


def get_integration_for_account(target: WebhookTarget, account: str) -> UUID | None:
    """Return the cached id of the integration that serves another account behind the same webhook."""
    found = _get(_account_key(target, account))
    try:
        return UUID(found) if isinstance(found, str) else None
    except ValueError:
        return None


def set_integration_for_account(target: WebhookTarget, account: str, pk: UUID) -> None:
    """Remember the integration of another account."""
    _set(_account_key(target, account), pk.hex)


def get_conversation(target: WebhookTarget, *place: str) -> int | None:
    """Return the cached id of a conversation, by its chat, its person and its topic."""
    found = _get(_conversation_key(target.bot_id, target.slug, place))
    return found if type(found) is int else None


def set_conversation(target: WebhookTarget, *place: str, pk: int) -> None:
    """Remember the id of a conversation."""
    _set(_conversation_key(target.bot_id, target.slug, place), pk)


def forget_conversation(bot: UUID, slug: str, *place: str) -> None:
    """Forget the id of a conversation once its deletion is committed: who comes back begins another one."""
    after_commit(_bar, _conversation_key(bot, slug, place))


def is_first_refresh_request(target: WebhookTarget) -> bool:
    """Whether this account's name was not doubted lately, as far as the cache knows."""
    key = f"permabots:doubt:2:{target.slug}:{target.integration_id.hex}"
    if _get(key) is not None:
        return False
    _set(key, 1)
    return True


def forget_integration(instance: IntegrationBot, **_: Any) -> None:
    """Forget an integration once its change is committed. Connected to the signals of rows by the app."""
    forget_changed(type(instance), instance.pk)


def forget_changed(sender: type[IntegrationBot], pk: UUID, **_: Any) -> None:
    """Forget an integration that `update` changed, once that is committed."""
    after_commit(_bar, _target_key(sender.SLUG, pk))


def _target_key(slug: str, hook_id: UUID) -> str:
    return f"permabots:webhook-target:3:{slug}:{hook_id.hex}"


def _account_key(target: WebhookTarget, account: str) -> str:
    named = hashlib.sha256(account.encode()).hexdigest()
    return f"permabots:webhook-account:1:{target.slug}:{target.integration_id.hex}:{named}"


def _conversation_key(bot: UUID | None, slug: str, place: Sequence[str]) -> str:
    # Hashed: a cache may refuse long keys and odd characters, and ids are the provider's.
    chat = hashlib.sha256("\0".join(place).encode()).hexdigest()
    return f"permabots:conversation:3:{bot}:{slug}:{chat}"


# A host's cache, whatever it is: each failure is caught whatever it is, since every client has its own.


def _get(key: str) -> Any:
    if not _pause.allows_call():
        return None
    began = time.monotonic()
    try:
        cache = caches["default"]
        with cache_savepoint(cache):
            found = cache.get(key)
    except Exception as error:  # noqa: BLE001 - whatever a cache raises costs a query
        _rest(began)
        logger.warning("cache unreachable, asking the database: %s", type(error).__name__)
        return None
    _pause.answered()
    return found


def _set(key: str, value: Any, *, new: bool = False) -> None:
    """Keep something; with ``new`` only where there is nothing: what somebody read before a change stays away."""
    if not _pause.allows_call():
        return
    seconds, began = get_config().cache_seconds, time.monotonic()
    try:
        cache = caches["default"]
        with cache_savepoint(cache):
            write = cache.add if new else cache.set
            write(key, value, min(LOCAL_SECONDS, seconds) if is_local() else seconds)
    except Exception as error:  # noqa: BLE001 - whatever a cache raises costs a query
        _rest(began)
        logger.warning("cache unreachable, nothing kept: %s", type(error).__name__)


def _rest(began: float) -> None:
    """Do not ask the cache for a while if failing took long: a server that refuses at once costs nothing."""
    if time.monotonic() - began > SLOW:
        _pause.failed()
    else:
        _pause.answered()


def _bar(key: str) -> None:
    """Replace an entry by a mark that keeps older readings out of the cache for `CHANGED_SECONDS`."""
    try:
        cache = caches["default"]
        with cache_savepoint(cache):
            cache.set(key, CHANGED, CHANGED_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever a cache raises costs a query
        logger.warning("cache unreachable, a change shows up later: %s", type(error).__name__)
