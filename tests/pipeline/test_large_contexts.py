"""Contexts of a megabyte are read by few messages."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import ChatState
from permabots.testing import TelegramServer, UserApiServer
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import drain, say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("text", "loads"),
    [("hello", 0), ("no handler fits", 0), ("what", 1), ("go", 1)],
    ids=["answered", "nothing fits", "a template reads it", "a transition keeps it"],
)
def test_large_contexts_are_read_by_those_messages_only_that_need_them(
    telegram: TelegramServer, user_api: UserApiServer, text: str, loads: int
) -> None:
    bot = make_bot()
    attach(bot)
    make_handler(bot, "^begin$", target_state="here", request={"url_template": f"{user_api.base}/big"})
    make_handler(bot, "^hello$", "Hi")
    make_handler(bot, "^go$", "went", target_state="there")
    make_handler(bot, "^what$", "{{ state_context._start.response.data.text|length }}")
    user_api.add_route("/u/big", {"text": "x" * 50_000})
    drain(say(bot, "begin", 1))
    talk = say(bot, text, 2)
    with CaptureQueriesContext(connection) as queries:
        drain(talk)
    read = [query["sql"] for query in queries if query["sql"].startswith('SELECT "permabots_chatstate"')]
    assert len(read) == loads
    assert ChatState.objects.get().contexts["_start"]["response"]["data"]["text"] == "x" * 50_000
    assert telegram.texts(7)[-1] == {"what": "50000", "go": "went", "hello": "Hi"}.get(text, telegram.texts(7)[-1])
