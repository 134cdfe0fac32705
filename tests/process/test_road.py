"""A message answered through real processes."""

from __future__ import annotations

import pytest

from permabots.models import InboundMessage
from tests.factories import make_handler
from tests.process.conftest import TOKEN, Road, echo_bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_message_is_answered_with_what_the_users_api_says(road: Road, pool: str) -> None:
    make_handler(
        road.bot,
        r"^item (?P<id>\d+)$",
        "<b>{{ response.data.name }}</b>",
        request={"url_template": f"{road.user_api.url}/u/item/{{{{ pattern.id }}}}"},
        target_state="looking",
    )
    road.site.start_web()
    road.site.start_worker(pool=pool)
    road.connect()
    road.telegram.send_text(TOKEN, 7, "item 5")
    assert [m["text"] for m in road.telegram.wait_for_messages(7, 1)] == ["author5"]
    assert road.bot.conversations.get().chat_state.state.name == "looking"


def test_the_same_update_delivered_three_times_is_answered_once(road: Road) -> None:
    echo_bot(road)
    road.site.start_web()
    road.site.start_worker()
    road.connect()
    update = road.telegram.send_text(TOKEN, 7, "echo once")
    for _ in range(2):
        road.telegram.deliver(TOKEN, update)
    road.telegram.send_text(TOKEN, 7, "echo after")
    road.telegram.wait_for_messages(7, 2)
    road.telegram.wait_idle()
    assert road.telegram.texts(7) == ["once", "after"]
    assert InboundMessage.objects.count() == 2
