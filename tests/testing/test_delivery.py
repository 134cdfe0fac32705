"""Updates on their way to a webhook: headers, order, parallel chats, retries, expiry."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from permabots.testing import Reply, TelegramServer, callback_update, json_reply, text_update
from tests.testing.helpers import TOKEN, WebhookServer, call


def info(telegram: TelegramServer) -> dict[str, Any]:
    return call(telegram.url, "getWebhookInfo")[1]["result"]


def test_an_update_arrives_as_telegram_sends_it(telegram: TelegramServer, webhook: WebhookServer):
    update = telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_idle()
    request = webhook.received[0]
    assert (request.method, request.path) == ("POST", "/hook/")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert request.json() == update


def test_without_a_secret_there_is_no_header(telegram: TelegramServer, webhook: WebhookServer):
    call(telegram.url, "setWebhook", url=f"{webhook.url}/hook/?x=1")
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_idle()
    assert "x-telegram-bot-api-secret-token" not in webhook.received[0].headers
    assert webhook.received[0].query == [("x", "1")]


def test_one_chat_is_served_in_order_one_by_one(telegram: TelegramServer, webhook: WebhookServer):
    for number in range(30):
        telegram.send_text(TOKEN, 7, str(number))
    telegram.wait_idle()
    assert webhook.texts == [str(number) for number in range(30)]
    assert webhook.most_open == 1


def test_the_next_message_of_a_chat_waits_for_the_one_before(telegram: TelegramServer, webhook: WebhookServer):
    webhook.hold.clear()
    telegram.send_text(TOKEN, 7, "first")
    telegram.send_text(TOKEN, 7, "second")
    telegram.send_text(TOKEN, 8, "other chat")
    webhook.wait_for(2)
    assert sorted(webhook.texts) == ["first", "other chat"]
    webhook.hold.set()
    telegram.wait_idle()
    assert sorted(webhook.texts) == ["first", "other chat", "second"]


def test_a_press_does_not_wait_for_a_message_of_its_chat(telegram: TelegramServer, webhook: WebhookServer):
    webhook.hold.clear()
    telegram.send_text(TOKEN, 7, "first")
    telegram.deliver(TOKEN, callback_update(None, 7, "x", message_id=1))
    telegram.deliver(TOKEN, callback_update(None, 7, "y", message_id=1))
    kinds = sorted(next(key for key in update if key != "update_id") for update in webhook.wait_for(2))
    assert kinds == ["callback_query", "message"]
    webhook.hold.set()
    telegram.wait_idle()
    assert [u["callback_query"]["data"] for u in webhook.updates if "callback_query" in u] == ["x", "y"]


def test_chats_are_served_at_once_up_to_the_number_of_connections(telegram: TelegramServer, webhook: WebhookServer):
    call(telegram.url, "setWebhook", url=f"{webhook.url}/hook/", max_connections=3)
    webhook.hold.clear()
    for chat in range(1, 11):
        telegram.send_text(TOKEN, chat, "hi")
    webhook.wait_for(3)
    webhook.hold.set()
    telegram.wait_idle()
    assert len(webhook.received) == 10
    assert webhook.most_open == 3


@pytest.fixture
def one_connection(webhook: WebhookServer) -> Iterator[TelegramServer]:
    """A stand-in with one connection to the webhook, which is taken by chat 7 until the webhook's hold ends."""
    with TelegramServer(time_scale=0.01, lifetimes={"callback_query": 5}) as telegram:
        call(telegram.url, "setWebhook", url=webhook.url, max_connections=1)
        webhook.hold.clear()
        telegram.send_text(TOKEN, 7, "first")
        webhook.wait_for(1)
        yield telegram


def test_a_busy_chat_does_not_keep_the_others_out(one_connection: TelegramServer, webhook: WebhookServer):
    for text in ("second", "third"):
        one_connection.send_text(TOKEN, 7, text)
    one_connection.send_text(TOKEN, 8, "other chat")
    webhook.hold.set()
    one_connection.wait_idle()
    assert webhook.texts == ["first", "other chat", "second", "third"]


def test_what_expires_while_it_waits_for_a_connection_stops_nobody(
    one_connection: TelegramServer, webhook: WebhookServer
):
    one_connection.deliver(TOKEN, callback_update(None, 8, "x", message_id=1))
    one_connection.send_text(TOKEN, 9, "other chat")
    time.sleep(0.1)
    webhook.hold.set()
    one_connection.wait_idle()
    assert webhook.texts == ["first", "other chat"]


def test_what_waits_for_a_connection_survives_the_webhook(one_connection: TelegramServer, webhook: WebhookServer):
    one_connection.send_text(TOKEN, 8, "other chat")
    call(one_connection.url, "deleteWebhook")
    webhook.hold.set()
    one_connection.wait_for_deliveries(1)
    call(one_connection.url, "setWebhook", url=webhook.url)
    one_connection.wait_idle()
    assert webhook.texts == ["first", "other chat"]


def test_connections_are_kept(telegram: TelegramServer, webhook: WebhookServer):
    for _ in range(5):
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
    assert [d.status for d in telegram.deliveries()] == [200] * 5


def test_a_connection_that_the_webhook_closed_in_between_is_no_failure(
    telegram: TelegramServer, webhook: WebhookServer
):
    telegram.send_text(TOKEN, 7, "one")
    telegram.wait_idle()
    webhook.stop()
    webhook.start()
    telegram.send_text(TOKEN, 7, "two")
    telegram.wait_idle()
    assert [(d.attempt, d.status) for d in telegram.deliveries()] == [(1, 200), (1, 200)]


@pytest.mark.parametrize("status", [302, 400, 403, 404, 410, 500, 503])
def test_what_is_not_acknowledged_is_tried_again(telegram: TelegramServer, webhook: WebhookServer, status: int):
    webhook.plan = [Reply(status), Reply(status), Reply(status)]
    telegram.send_text(TOKEN, 7, "first")
    telegram.send_text(TOKEN, 7, "second")
    telegram.wait_idle()
    assert webhook.texts == ["first", "first", "first", "first", "second"]
    assert [(d.attempt, d.status) for d in telegram.deliveries()] == [
        *((n, status) for n in (1, 2, 3)),
        (4, 200),
        (1, 200),
    ]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_2xx_acknowledges(telegram: TelegramServer, webhook: WebhookServer, status: int):
    webhook.plan = [Reply(status)]
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_idle()
    assert len(webhook.received) == 1


def test_a_failure_is_told_by_webhook_info(telegram: TelegramServer, webhook: WebhookServer):
    webhook.plan = [json_reply({}, 503)]
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_idle()
    assert info(telegram)["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    assert info(telegram)["pending_update_count"] == 0


def test_a_connection_closed_without_an_answer_is_tried_again(telegram: TelegramServer, webhook: WebhookServer):
    webhook.plan = [Reply(cut=True)]
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_idle()
    assert [(d.status, d.error) for d in telegram.deliveries()] == [(0, "Connection closed"), (200, "")]


def test_an_answer_that_takes_too_long_is_a_failure(webhook: WebhookServer):
    with TelegramServer(time_scale=0.01, webhook_timeout=0.05) as telegram:
        call(telegram.url, "setWebhook", url=webhook.url)
        webhook.plan = [Reply(delay=10)]
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
        assert [(d.status, d.error) for d in telegram.deliveries()] == [(0, "Read timeout expired"), (200, "")]


def test_a_webhook_that_is_down_gets_its_updates_when_it_is_back(telegram: TelegramServer, webhook: WebhookServer):
    webhook.stop()
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_for_deliveries(3)
    assert info(telegram)["last_error_message"] == "Connection refused"
    webhook.start()
    telegram.wait_idle()
    assert webhook.texts == ["hi"]


def test_the_first_retry_is_at_once_and_the_next_ones_wait_longer_and_longer():
    with WebhookServer() as webhook, TelegramServer(time_scale=0.05) as telegram:
        call(telegram.url, "setWebhook", url=webhook.url)
        webhook.plan = [Reply(500)] * 4
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
        began = [d.monotonic for d in telegram.deliveries()]
    waits = [later - earlier for earlier, later in pairwise(began)]
    # each is the least that a wait can take, however busy the machine is
    assert [wait >= least for wait, least in zip(waits, (0, 0.1, 0.2, 0.4), strict=True)] == [True] * 4


def test_the_webhook_may_say_when_to_try_again():
    with WebhookServer() as webhook, TelegramServer(time_scale=0.05) as telegram:
        call(telegram.url, "setWebhook", url=webhook.url)
        webhook.plan = [Reply(503, headers={"Retry-After": "6"})]
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
        first, second = (d.monotonic for d in telegram.deliveries())
    assert second - first >= 0.3


def test_an_update_nobody_takes_is_dropped_after_its_time(webhook: WebhookServer):
    with TelegramServer(time_scale=0.01, lifetimes={"message": 10}) as telegram:
        call(telegram.url, "setWebhook", url=webhook.url)
        webhook.plan = [Reply(500)] * 100
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
        assert telegram.webhook(TOKEN)["pending"] == 0
        assert all(d.status == 500 for d in telegram.deliveries())


def test_a_webhook_that_is_gone_for_a_day_is_removed(webhook: WebhookServer):
    with TelegramServer(time_scale=0.000001, lifetimes={"message": 1e12}) as telegram:
        call(telegram.url, "setWebhook", url=webhook.url)
        webhook.plan = [Reply(410)] * 100_000
        telegram.send_text(TOKEN, 7, "hi")
        while telegram.webhook(TOKEN)["url"]:
            time.sleep(0.01)
        assert telegram.webhook(TOKEN)["pending"] == 1


def test_updates_wait_for_a_webhook(telegram: TelegramServer):
    telegram.send_text(TOKEN, 7, "early")
    with WebhookServer() as webhook:
        call(telegram.url, "setWebhook", url=webhook.url)
        telegram.wait_idle()
        assert webhook.texts == ["early"]


def test_a_new_webhook_gets_what_the_old_one_refused(telegram: TelegramServer, webhook: WebhookServer):
    webhook.plan = [Reply(500)] * 1000
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_for_deliveries(2)
    with WebhookServer() as other:
        call(telegram.url, "setWebhook", url=other.url)
        telegram.wait_idle()
        assert other.texts == ["hi"]


def test_the_same_update_may_come_twice(telegram: TelegramServer, webhook: WebhookServer):
    for _ in range(2):
        telegram.deliver(TOKEN, text_update(5, 7, "hi", message_id=1))
    telegram.wait_idle()
    assert [update["update_id"] for update in webhook.updates] == [5, 5]


def test_what_is_held_comes_later_in_another_order_and_twice(telegram: TelegramServer, webhook: WebhookServer):
    telegram.hold()
    for text in ("one", "two"):
        telegram.send_text(TOKEN, 7, text)
    telegram.wait_idle()
    assert webhook.texts == []
    assert telegram.release(order="reversed", copies=2) == 4
    telegram.wait_idle()
    assert webhook.texts == ["two", "one", "two", "one"]


def test_each_bot_has_its_own_webhook(telegram: TelegramServer, webhook: WebhookServer):
    with WebhookServer() as other:
        call(telegram.url, "setWebhook", token="222:bbb", url=other.url)
        telegram.send_text(TOKEN, 7, "to the first")
        telegram.send_text("222:bbb", 7, "to the second")
        telegram.wait_idle()
        assert (webhook.texts, other.texts) == (["to the first"], ["to the second"])


def test_a_webhook_on_the_internet_is_reached_on_this_machine(webhook: WebhookServer):
    with TelegramServer(deliver_to=webhook.url) as telegram:
        call(telegram.url, "setWebhook", url="https://bot.example/hook/x/")
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
    assert webhook.received[0].path == "/hook/x/"
    assert webhook.received[0].headers["host"] == "bot.example"


def test_a_stopped_server_delivers_when_it_is_started_again(webhook: WebhookServer):
    telegram = TelegramServer(time_scale=0.01)
    with telegram:
        call(telegram.url, "setWebhook", url=webhook.url)
    telegram.send_text(TOKEN, 7, "hi")
    assert telegram.deliveries() == []
    with telegram:
        telegram.wait_idle()
    assert webhook.texts == ["hi"]


def test_waiting_for_silence_fails_where_there_is_none(telegram: TelegramServer):
    telegram.send_text(TOKEN, 7, "hi")
    with pytest.raises(TimeoutError, match=r"1 updates not delivered after 0\.01 s"):
        telegram.wait_idle(0.01)
