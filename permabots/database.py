"""The one database that holds the rows of permabots: the one that the project's router names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.core.cache import BaseCache
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import NotSupportedError, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

View = TypeVar("View", bound=Callable[..., Any])


def alias() -> str:
    """Return the alias of the database that rows are written to."""
    return router.db_for_write(_bot())


@cache
def _bot() -> type[Model]:
    return apps.get_model("permabots.Bot")


def atomic() -> AbstractContextManager[None]:
    """Return a transaction on the database of rows. Django's `atomic` without an alias is always on ``default``."""
    return transaction.atomic(using=alias())


def connection() -> BaseDatabaseWrapper:
    """Return this thread's connection to the database of rows."""
    return connections[alias()]


def close_with_stale_plans(error: BaseException | None) -> bool:
    """Close this thread's connection where its prepared statements are of tables as they were before a change.

    PostgreSQL refuses such a statement each time, and a connection that Django keeps would never be rid of it. The one
    that was refused has done nothing.

    Args:
        error: that a statement, a request or a task ended with.

    Returns:
        Whether it is closed; a transaction has to end first.
    """
    if not isinstance(error, NotSupportedError) or connection().in_atomic_block:
        return False
    connection().close()
    return True


def close_after_failure(*, exception: BaseException | None = None, **_: Any) -> None:
    """Receive the signal that a request or a task failed, for `close_with_stale_plans`."""
    close_with_stale_plans(exception or sys.exception())


def non_atomic_requests(view: View) -> View:
    """Keep a view out of the transaction of a request, whichever database has ``ATOMIC_REQUESTS``.

    Args:
        view: the view.

    Returns:
        The view, marked for every database.
    """
    for name in connections:
        view = transaction.non_atomic_requests(using=name)(view)
    return view


def cache_savepoint(cache: BaseCache) -> AbstractContextManager[Any]:
    """Return a savepoint for a cache in the database: a query that fails would break a host's transaction."""
    if not isinstance(cache, BaseDatabaseCache):
        return nullcontext()
    used = router.db_for_write(cache.cache_model_class)
    return transaction.atomic(using=used) if transaction.get_connection(used).in_atomic_block else nullcontext()


def after_commit(function: Callable[..., object], *args: Any, **options: Any) -> None:
    """Call a function after the current transaction is committed: at once outside of a transaction.

    An exception of the function is logged by Django and raised to nobody. Django's log line needs the function's
    ``__qualname__``, which a `functools.partial` lacks: that raised in the middle of a request.

    Args:
        function: the function.
        args: its arguments.
        options: its named arguments.
    """

    def call() -> None:
        function(*args, **options)

    call.__qualname__ = getattr(function, "__qualname__", type(function).__qualname__)
    transaction.on_commit(call, using=alias(), robust=True)
