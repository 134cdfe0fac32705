"""How messages of the stand-in Kik reach a bot's webhook."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from permabots.testing import KikServer, Reply, SteeringError
from tests.testing.kik.helpers import BOT, CHAT, KEY, PERSON, KikWebhook, configure

FAILED = Reply(500)


def test_a_message_is_posted_as_kik_does(kik: KikServer, webhook: KikWebhook):
    message = kik.send_text(BOT, CHAT, PERSON, "hello bot ü")
    kik.wait_idle()
    assert webhook.updates == [{"messages": [message]}]
    assert webhook.received[0].target == "/hook/"


def test_the_raw_bytes_are_signed_and_the_bot_is_named(kik: KikServer, webhook: KikWebhook):
    kik.send_text(BOT, CHAT, PERSON, "ü")
    kik.wait_idle()
    request = webhook.received[0]
    digest = hmac.new(KEY.encode(), request.body, hashlib.sha1).hexdigest().upper()
    assert (request.headers["x-kik-username"], request.headers["x-kik-signature"]) == (BOT, digest)


def test_the_key_that_was_used_last_signs(kik: KikServer, webhook: KikWebhook):
    configure(kik.url, f"{webhook.url}/hook/", key="gold-2")
    kik.send_text(BOT, CHAT, PERSON, "hi")
    kik.wait_idle()
    request = webhook.received[0]
    digest = hmac.new(b"gold-2", request.body, hashlib.sha1).hexdigest()
    assert request.headers["x-kik-signature"].lower() == digest


@pytest.mark.parametrize("url", ["https://example.com", "https://example.com/"])
def test_the_url_that_stands_for_no_webhook_is_told_nothing(url: str):
    with KikWebhook() as server, KikServer(deliver_to=server.url) as kik:
        configure(kik.url, url)
        kik.send_text(BOT, CHAT, PERSON, "hi")
        kik.wait_idle()
        assert (server.received, kik.deliveries()) == ([], [])


def test_a_bot_without_a_webhook_is_told_nothing(kik: KikServer):
    kik.send_text(BOT, CHAT, PERSON, "hi")
    kik.wait_idle()
    assert kik.deliveries() == []


def test_a_webhook_elsewhere_can_be_led_here():
    with KikWebhook() as server, KikServer(deliver_to=server.url) as kik:
        configure(kik.url, "https://bot.example/hook/")
        kik.send_text(BOT, CHAT, PERSON, "hi")
        kik.wait_idle()
        assert server.received[0].headers["host"] == "bot.example"


@pytest.mark.parametrize("url", ["https://bot.example/", "http://192.0.2.1/"])
def test_nothing_off_this_machine_is_called(url: str):
    with KikServer(time_scale=0) as kik:
        configure(kik.url, url)
        kik.send_text(BOT, CHAT, PERSON, "hi")
        kik.wait_idle()
        assert [(d.status, d.error.partition(":")[0]) for d in kik.deliveries()] == [(0, "Failed to resolve host")]


def test_two_bots_have_their_own_webhooks(kik: KikServer, webhook: KikWebhook):
    with KikWebhook() as theirs:
        configure(kik.url, theirs.url, bot="otherbot", key="gold-2")
        kik.send_text(BOT, CHAT, PERSON, "ours")
        kik.send_text("otherbot", CHAT, PERSON, "theirs")
        kik.wait_idle()
        assert (webhook.texts, theirs.texts) == (["ours"], ["theirs"])


@pytest.mark.parametrize("feature", ["receiveReadReceipts", "receiveDeliveryReceipts", "receiveIsTyping"])
def test_receipts_come_on_request(kik: KikServer, webhook: KikWebhook, feature: str):
    kinds = {
        "receiveReadReceipts": "read-receipt",
        "receiveDeliveryReceipts": "delivery-receipt",
        "receiveIsTyping": "is-typing",
    }
    configure(kik.url, webhook.url, **{feature: True})
    kik.read(BOT, CHAT, PERSON)
    kik.receive(BOT, CHAT, PERSON)
    kik.happen(BOT, CHAT, PERSON, {"type": "is-typing", "isTyping": True})
    kik.wait_idle()
    assert [message["type"] for message in webhook.messages] == [kinds[feature]]


def test_a_body_of_any_kind_is_posted_signed(kik: KikServer, webhook: KikWebhook):
    kik.deliver(BOT, {"messages": []})
    kik.deliver(BOT, "{not json")
    kik.wait_idle()
    assert [request.body for request in webhook.received] == [b'{"messages": []}', b"{not json"]
    assert all("x-kik-signature" in request.headers for request in webhook.received)


def test_a_body_needs_a_webhook(kik: KikServer):
    with pytest.raises(SteeringError, match="bot shopbot has no webhook"):
        kik.deliver(BOT, {})


def test_held_messages_of_several_chats_are_posted_together(kik: KikServer, webhook: KikWebhook):
    kik.hold()
    kik.send_text(BOT, "1", "ann", "one")
    kik.send_text(BOT, "2", "bob", "two")
    assert kik.release() == 1
    kik.wait_idle()
    assert (len(webhook.updates), webhook.texts) == (1, ["one", "two"])


def test_held_messages_can_come_twice_and_the_other_way_round(kik: KikServer, webhook: KikWebhook):
    kik.hold()
    for body in ("one", "two"):
        kik.send_text(BOT, CHAT, PERSON, body)
    assert kik.release(together=False, order="reversed", copies=2) == 4
    kik.wait_idle()
    assert webhook.texts == ["two", "two", "one", "one"]


def test_held_messages_of_two_bots_are_posted_apart(kik: KikServer, webhook: KikWebhook):
    configure(kik.url, webhook.url, bot="otherbot")
    kik.hold()
    for bot in (BOT, "otherbot"):
        kik.send_text(bot, CHAT, PERSON, bot)
    assert kik.release() == 2
    kik.wait_idle()
    assert sorted(webhook.texts) == ["otherbot", BOT]


def test_a_chat_is_told_in_order(kik: KikServer, webhook: KikWebhook):
    for number in range(50):
        kik.send_text(BOT, CHAT, PERSON, str(number))
    kik.wait_idle()
    assert webhook.texts == [str(number) for number in range(50)]
    assert webhook.most_open == 1


@pytest.mark.parametrize("failure", [FAILED, Reply(403), Reply(204), Reply(cut=True)])
def test_whatever_is_not_200_comes_again(kik: KikServer, webhook: KikWebhook, failure: Reply):
    webhook.plan = [failure] * 3
    message = kik.send_text(BOT, CHAT, PERSON, "hi")
    kik.wait_idle()
    assert webhook.messages == [message] * 4
    assert [delivery.ids for delivery in kik.deliveries()] == [[message["id"]]] * 4


def test_what_failed_for_an_hour_is_given_up(webhook: KikWebhook):
    webhook.plan = [FAILED] * 1000
    with KikServer(time_scale=0.00005) as kik:
        configure(kik.url, webhook.url)
        kik.send_text(BOT, CHAT, PERSON, "hi")
        kik.wait_idle()
        assert {delivery.status for delivery in kik.deliveries()} == {500}


def test_what_waits_is_dropped_when_the_webhook_is_removed(kik: KikServer, webhook: KikWebhook):
    webhook.plan = [FAILED] * 1000
    kik.send_text(BOT, CHAT, PERSON, "hi")
    webhook.wait_for(3)
    configure(kik.url, "https://example.com")
    kik.wait_idle()
    assert kik.deliveries()[-1].status == 500
