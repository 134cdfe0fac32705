"""An API of one bot's author hangs: other bots are answered meanwhile, and its own when it is back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from permabots.models import Bot, InboundMessage
from permabots.pipeline.authoring import integrations
from permabots.pipeline.user_api.guarded_client import open_breakers
from tests.factories import make_bot, make_handler
from tests.process.conftest import TOKEN, Road

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

OTHER = "4343:token"
CHATS = range(100, 118)
"""The chats of the bot whose API hangs."""


def wait_for(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.05)


def other_bot(road: Road) -> Bot:
    """Connect a second bot, whose API is well."""
    bot = make_bot(name="other")
    make_handler(bot, r"^echo (?P<n>.+)$", "{{ pattern.n }}", request={"url_template": f"{road.user_api.base}/list"})
    integrations.attach(bot, "telegram", {"token": OTHER})
    return bot


@pytest.mark.parametrize(("pool", "concurrency"), [("prefork", 4), ("threads", 4)])
def test_a_hanging_api_stops_its_own_bot_only_and_nothing_is_lost(road: Road, pool: str, concurrency: int) -> None:
    road.user_api.add_route("/u/hangs", None, delay=30, cut=True)
    make_handler(
        road.bot,
        r"^ask (?P<n>\d)$",
        "{{ pattern.n }}: {{ response.error or 'fine' }}",
        request={"url_template": f"{road.user_api.base}/hangs"},
    )
    road.site.environment = {
        **road.site.environment,
        "PERMABOTS_REQUEST_TIMEOUT": "3",
        "PERMABOTS_LEASE": "8",
        "PERMABOTS_BREAKER_FAILURES": "2",
        "PERMABOTS_BREAKER_SECONDS": "2",
    }
    road.site.start_web()
    road.site.start_worker(pool=pool, concurrency=concurrency)
    road.connect()
    other_bot(road)

    for chat in CHATS:
        road.telegram.send_text(TOKEN, chat, "ask 1")
    wait_for(lambda: len(road.user_api.requests) >= 2)
    for number in range(5):
        road.telegram.send_text(OTHER, 7, f"echo {number}")
    road.telegram.wait_for_messages(7, 5)
    asked = [request.monotonic for request in road.user_api.requests if request.path == "/u/hangs"]
    over = (third - first for first, third in zip(asked, asked[2:], strict=False))
    assert all(seconds > 2 for seconds in over), "half of the worker: a third call begins when one of two has ended"
    assert road.telegram.texts(7) == ["0", "1", "2", "3", "4"]
    assert InboundMessage.objects.filter(bot=road.bot).unfinished().exists(), "they were answered while those waited"

    wait_for(lambda: road.unfinished() == (0, 0))
    told = [road.telegram.texts(chat) for chat in CHATS]
    assert all(len(texts) == 1 for texts in told)
    silent = [text for (text,) in told if text == "1: no answer within 3 s"]
    refused = [text for (text,) in told if text.startswith("1: the API did not answer ")]
    assert len(silent) >= 2
    assert len(refused) >= 1
    assert len(silent) + len(refused) == len(CHATS)
    assert len(open_breakers()) == 1

    road.user_api.add_route("/u/hangs", {"fine": True})
    wait_for(lambda: ask_once_more(road))
    for chat in CHATS:
        for number in (2, 3):
            road.telegram.send_text(TOKEN, chat, f"ask {number}")
    wait_for(lambda: InboundMessage.objects.filter(text="ask 3").count() == len(CHATS) and road.unfinished() == (0, 0))
    for chat in CHATS:
        assert road.telegram.texts(chat)[-2:] == ["2: fine", "3: fine"]
    assert open_breakers() == []
    assert set(InboundMessage.objects.values_list("status", flat=True)) == {"done"}


def ask_once_more(road: Road) -> bool:
    """Write from a chat of its own, and return whether the API was asked and answered."""
    already = len(road.telegram.texts(200))
    road.telegram.send_text(TOKEN, 200, "ask 5")
    road.telegram.wait_for_messages(200, already + 1)
    return bool(road.telegram.texts(200)[-1] == "5: fine")
