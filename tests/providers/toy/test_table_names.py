"""A package may name its table and its columns as Django lets it: what has to be quoted is quoted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from permabots.models import Bot
from permabots.pipeline.postgresql import looking, targets, turns
from tests.factories import make_handler
from tests.providers.toy.conftest import KEY
from tests.toy.server import ToyServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["Toy_bots", "toy-bots", "select"])
def renamed(request: Any, installed: None, django_db_setup: None, transactional_db: None) -> Iterator[None]:
    model = apps.get_model("toy.ToyBot")
    name = model._meta.db_table
    rename(model, name, request.param)
    yield
    rename(model, request.param, name)


def rename(model: Any, old: str, new: str) -> None:
    with connection.schema_editor() as editor:
        editor.alter_db_table(model, old, new)
    model._meta.db_table = new
    for field in model._meta.local_fields:
        vars(field).pop("cached_col", None)  # Django keeps the table's name there
    for cached in (looking._query, targets._target, turns._finish):
        cached.cache_clear()


def test_a_message_is_answered_whatever_the_table_is_called(renamed: None, toy: ToyServer, bot: Bot) -> None:
    make_handler(bot, "hello", "Hi")
    assert toy.say(KEY, "ann", text="hello") == 200
    assert toy.texts() == ["Hi"]
