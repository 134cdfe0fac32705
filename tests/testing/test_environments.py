"""The databases, caches and brokers that the tests run on are as promised."""

from __future__ import annotations

import threading

import dj_database_url
import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.db import connection
from redis import Redis as Client

from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.django_db(transaction=True)
def test_another_thread_sees_committed_rows():
    make_user("committed")
    seen: list[bool] = []

    def look():
        seen.append(get_user_model().objects.filter(username="committed").exists())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [True]


def test_the_url_for_processes_names_the_database_of_this_test(database_url: str):
    given, used = dj_database_url.parse(database_url), connection.settings_dict
    assert (given["ENGINE"], given["NAME"]) == (used["ENGINE"], used["NAME"])
    assert given["PORT"] in {"", int(used["PORT"] or 0)}


def test_the_database_is_set_up_as_promised():
    promised = {"postgresql": ("SHOW timezone", "UTC"), "sqlite": ("PRAGMA journal_mode", "wal")}
    question, answer = promised[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(question)
        assert cursor.fetchone() == (answer,)


@pytest.mark.parametrize("run", [1, 2])
def test_the_cache_begins_empty(run: int):
    assert caches["default"].get("left") is None
    caches["default"].set("left", run)


def test_a_broker_begins_empty(broker_url: str):
    with Client.from_url(broker_url) as client:
        assert client.dbsize() == 0
        client.set("left", 1)
