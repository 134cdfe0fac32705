"""Rows that are there when a migration runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def migrate() -> Iterator[Any]:
    """Goes to a migration and returns the rows as they were then; all are applied again at the end."""

    def go(name: str) -> Any:
        executor = MigrationExecutor(connection)
        return executor.migrate([("permabots", name)]).apps.get_model

    yield go
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_messages_that_are_there_learn_the_bot_of_their_conversation(migrate: Any) -> None:
    model = migrate("0001_initial")
    owner = get_user_model().objects.create_user("owner")
    bots = [model("permabots", "Bot").objects.create(owner_id=owner.pk, name=name) for name in "ab"]
    for bot in bots:
        talk = model("permabots", "Conversation").objects.create(bot=bot, provider="telegram", chat_id="7")
        for number in range(2):
            model("permabots", "InboundMessage").objects.create(
                conversation=talk, integration_id=uuid4(), external_id=str(number), number=number, kind="text", raw={}
            )
    messages = migrate("0002_inbound_bot")("permabots", "InboundMessage").objects.order_by("id")
    assert [row.bot_id for row in messages] == [bots[0].pk] * 2 + [bots[1].pk] * 2
