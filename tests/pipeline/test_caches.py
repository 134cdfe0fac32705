"""Any cache of a host's: whatever it raises costs a query, and whatever it gives back is no message lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from permabots import tasks
from permabots.models import InboundMessage, TelegramBot
from tests.factories import make_telegram
from tests.pipeline.test_webhook import post, text_update

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

ERRORS = [
    "tests.hosts.caches.CacheServerError",
    "django.db.ProgrammingError",
    "django.core.cache.backends.base.InvalidCacheKey",
    "pickle.UnpicklingError",
    "builtins.TypeError",
    "builtins.AttributeError",
    "builtins.TimeoutError",
    "redis.exceptions.ConnectionError",
]


@pytest.mark.parametrize("error", ERRORS)
def test_whatever_a_cache_raises_no_webhook_fails(settings: Any, caplog: Any, error: str) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.hosts.caches.FailingCache", "LOCATION": error}}
    row = make_telegram()
    assert [post(row, text_update(number, 7, "hello")).status_code for number in (1, 2)] == [200, 200]
    assert InboundMessage.objects.count() == 2
    row.enabled = False
    row.save()
    assert error.rpartition(".")[2] in caplog.text


def test_a_cache_that_cannot_be_built_costs_a_query(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "nowhere.Cache"}}
    assert post(make_telegram(), text_update(1, 7, "hello")).status_code == 200


def test_a_database_cache_without_its_table_costs_a_query(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_such"}}
    row = make_telegram()
    assert post(row, text_update(1, 7, "hello")).status_code == 200


def test_a_database_cache_without_its_table_breaks_no_transaction_of_the_host(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_such"}}
    row = make_telegram()
    with transaction.atomic():
        tasks.receive(row, text_update(1, 7, "hello"))
    assert InboundMessage.objects.count() == 1


@pytest.mark.usefixtures("by_orm")
def test_a_cache_of_plain_json_is_used(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.hosts.caches.JsonCache"}}
    row = make_telegram()
    cache.clear()  # for a while after it was connected nobody keeps it: who read it before may still write
    post(row, text_update(1, 7, "hello"))
    with CaptureQueriesContext(transaction.get_connection()) as queries:
        assert post(row, text_update(2, 7, "hello")).status_code == 200
    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert ["permabots_conversation" in sql for sql in asked] == [True]  # whether a wake-up is on its way


@pytest.mark.parametrize("value", [1, "text", {}, [], [1, 2, 3, 4, 5, 6, 7], [None] * 7, ["x"] * 8, True, b"\x80", "0"])
def test_what_another_program_or_version_left_in_the_cache_counts_as_nothing(value: Any) -> None:
    row = make_telegram()
    post(row, text_update(1, 7, "hello"))
    for key in cached_keys(row):
        cache.set(key, value)
    assert post(row, text_update(2, 7, "hello")).status_code == 200
    assert list(InboundMessage.objects.values_list("integration_id", flat=True)) == [row.pk, row.pk]


def cached_keys(row: TelegramBot) -> list[str]:
    """Return the keys that a webhook leaves in the cache."""
    backend = caches["default"]
    prefix = backend.make_key("")
    found = backend._cache.get_client().keys("*") if hasattr(backend._cache, "get_client") else list(backend._cache)
    names = [key.decode() if isinstance(key, bytes) else key for key in found]
    keys = [name.removeprefix(prefix) for name in names if "permabots" in name]
    assert keys
    return keys
