"""A lease is given back as soon as the database allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from permabots import shutdown
from permabots.models import Conversation
from permabots.pipeline import lease
from permabots.pipeline.lease import Lease
from tests.factories import make_conversation

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def refused(times: int) -> Iterator[list[str]]:
    """Refuse so many statements, as a database that is away does; yields them."""
    seen: list[str] = []

    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if len(seen) == times:
            return run(sql, *rest)
        seen.append(sql)
        raise OperationalError("the connection is lost")

    with connection.execute_wrapper(execute):
        yield seen


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Lease:
    monkeypatch.setattr(lease, "AGAIN", 0.0)
    found = Lease.take(make_conversation().pk)
    assert found is not None
    return found


def test_a_lease_is_given_back_when_the_database_is_back(taken: Lease) -> None:
    with refused(3) as statements:
        taken.release()
    assert len(statements) == 3
    assert Conversation.objects.get().lease_token is None


def test_a_lease_that_has_run_out_is_given_back_no_more(taken: Lease) -> None:
    taken.deadline = 0.0
    with refused(3) as statements:
        taken.release()
    assert len(statements) == 1
    assert Conversation.objects.get().lease_token == taken.lease_token


def test_a_worker_that_ends_does_not_wait_for_the_database(taken: Lease) -> None:
    shutdown.begin()
    try:
        with refused(3) as statements:
            taken.release()
    finally:
        shutdown.reset()
    assert len(statements) == 1
