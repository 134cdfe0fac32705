"""A cache that is away: the database is asked, and nobody waits for the cache twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.core.cache.backends.base import BaseCache

from permabots.cooldown import Pause
from permabots.pipeline.receiving import webhook_cache
from tests.factories import make_telegram

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_orm")]


class Away(BaseCache):
    """A cache server that does not answer."""

    asked: ClassVar[list[str]] = []

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, *_: Any, **__: Any) -> Any:
        self.asked.append("get")
        raise TimeoutError

    def set(self, *_: Any, **__: Any) -> None:
        self.asked.append("set")
        raise TimeoutError


@pytest.fixture
def away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the cache is asked; it is away, and comes back before the next test."""
    settings.CACHES = {"default": {"BACKEND": "tests.pipeline.test_webhook_cache.Away"}}
    monkeypatch.setattr(webhook_cache, "_pause", Pause(60.0))
    Away.asked.clear()
    yield Away.asked
    Away.asked.clear()


def test_a_cache_that_costs_time_is_asked_once_and_then_left_alone(
    away: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_cache, "SLOW", -1.0)
    row = make_telegram()
    targets = [webhook_cache.get_webhook_target("telegram", row.pk) for _ in range(2)]
    assert [target and target.integration_id for target in targets] == [row.pk, row.pk]
    assert away == ["get"]


def test_a_cache_that_refuses_at_once_is_asked_each_time(away: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_cache, "SLOW", 60.0)
    assert [webhook_cache.get_webhook_target("telegram", uuid4()) for _ in range(2)] == [None, None]
    assert away == ["get", "get"]
