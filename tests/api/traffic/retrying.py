"""What is woken when failed messages and calls are tried again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish


@pytest.fixture
def woken() -> Iterator[list[list[Any]]]:
    """The arguments of every wake-up that is published."""
    published: list[list[Any]] = []

    def note(body: Any, **_: Any) -> None:
        published.append(list(body[0]))

    before_task_publish.connect(note)
    yield published
    before_task_publish.disconnect(note)


def statuses(model: Any) -> list[str]:
    return list(model.objects.order_by("id").values_list("status", flat=True))
