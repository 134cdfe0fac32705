"""How events of the stand-in Messenger reach an app's callback URL."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from permabots.testing import MessengerServer, Reply, Request, SteeringError
from tests.testing.messenger.helpers import PSID, SECRET, TOKEN, CallbackServer, call, send, subscribe

OTHER = "other-page-token"
FAILED = Reply(500)


def mids(*events: dict[str, Any]) -> list[str]:
    return [event["message"]["mid"] for event in events]


# The handshake


def test_a_callback_url_must_answer_the_challenge(messenger: MessengerServer):
    with CallbackServer() as server:
        with pytest.raises(SteeringError, match="could not be validated: Wrong response from the webhook: 403"):
            messenger.set_callback(server.url, "something else")
        server.challenge = "wrong"
        with pytest.raises(SteeringError, match="it answered 200, and not the challenge"):
            messenger.set_callback(server.url, "verify me")
        messenger.send_text(TOKEN, PSID, "hi")
        messenger.wait_idle()
        assert server.received == []


def test_the_handshake_keeps_a_query_that_is_there(messenger: MessengerServer):
    with CallbackServer() as server:
        messenger.set_callback(f"{server.url}/hook/?bot=7", "verify me")
        subscribe(messenger.url)
        messenger.send_text(TOKEN, PSID, "hi")
        messenger.wait_idle()
        assert [request.target for request in server.received] == ["/hook/?bot=7"]


@pytest.mark.parametrize("url", ["https://bot.example/hook/", "http://192.0.2.1/", "http://bot.example:8000/"])
def test_nothing_off_this_machine_is_called(messenger: MessengerServer, url: str):
    with pytest.raises(SteeringError, match="Failed to resolve host"):
        messenger.set_callback(url, "verify me")


def test_a_callback_url_elsewhere_can_be_led_here():
    with CallbackServer() as server, MessengerServer(deliver_to=server.url) as messenger:
        messenger.set_callback("https://bot.example/hook/", "verify me", SECRET)
        subscribe(messenger.url)
        messenger.send_text(TOKEN, PSID, "hi")
        messenger.wait_idle()
        assert [request.target for request in server.received] == ["/hook/"]
        assert server.received[0].headers["host"] == "bot.example"


# What is posted


def test_an_event_is_posted_in_facebooks_envelope(messenger: MessengerServer, callback: CallbackServer):
    event = messenger.send_text(TOKEN, PSID, "Sunday? ñ")
    messenger.wait_idle()
    page = messenger.page(TOKEN)["id"]
    assert event["sender"] == {"id": PSID}
    assert event["recipient"] == {"id": page}
    body = callback.updates[0]
    assert body["object"] == "page"
    assert [(entry["id"], entry["messaging"]) for entry in body["entry"]] == [(page, [event])]


def test_the_raw_bytes_are_signed_and_ascii(messenger: MessengerServer, callback: CallbackServer):
    messenger.send_text(TOKEN, PSID, "ñ")
    messenger.wait_idle()
    request = callback.received[0]
    assert b'"text":"\\u00f1"' in request.body
    digest = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-hub-signature-256"] == f"sha256={digest}"


def test_nothing_is_signed_where_the_secret_is_not_known(messenger: MessengerServer):
    with CallbackServer() as server:
        messenger.set_callback(server.url, "verify me")
        subscribe(messenger.url)
        messenger.send_text(TOKEN, PSID, "hi")
        messenger.wait_idle()
        assert "x-hub-signature-256" not in server.received[0].headers


def test_later_events_have_later_timestamps(messenger: MessengerServer, callback: CallbackServer):
    stamps = [messenger.send_text(TOKEN, PSID, "hi")["timestamp"] for _ in range(20)]
    assert sorted(set(stamps)) == stamps


# Who is told what


def test_a_page_that_is_not_subscribed_is_told_nothing(messenger: MessengerServer, callback: CallbackServer):
    call(messenger.url, "DELETE", "me/subscribed_apps")
    messenger.send_text(TOKEN, PSID, "hi")
    messenger.wait_idle()
    assert callback.received == []


def test_a_page_is_told_what_it_is_subscribed_to(messenger: MessengerServer, callback: CallbackServer):
    subscribe(messenger.url, fields="messaging_postbacks")
    messenger.send_text(TOKEN, PSID, "hi")
    messenger.get_started(TOKEN, PSID)
    messenger.wait_idle()
    assert ["postback" in event for event in callback.events] == [True]


def test_pages_of_one_app_share_its_callback_url(messenger: MessengerServer, callback: CallbackServer):
    subscribe(messenger.url, OTHER)
    messenger.send_text(TOKEN, PSID, "one")
    messenger.send_text(OTHER, PSID, "two")
    messenger.wait_idle()
    assert {event["recipient"]["id"] for event in callback.events} == {
        messenger.page(TOKEN)["id"],
        messenger.page(OTHER)["id"],
    }


def test_another_app_has_its_own_callback_url(messenger: MessengerServer, callback: CallbackServer):
    with CallbackServer() as theirs:
        messenger.set_callback(theirs.url, "verify me", "their secret", app="theirs")
        messenger.register_page(OTHER, app="theirs")
        subscribe(messenger.url, OTHER)
        messenger.send_text(TOKEN, PSID, "ours")
        messenger.send_text(OTHER, PSID, "theirs")
        messenger.wait_idle()
        assert (callback.texts, theirs.texts) == (["ours"], ["theirs"])


def test_echoes_of_the_apps_own_messages_are_told(messenger: MessengerServer, callback: CallbackServer):
    messenger.send_text(TOKEN, PSID, "question")
    _, sent = send(messenger.url, {"text": "answer", "metadata": "7"})
    messenger.wait_idle()
    echo = callback.events[-1]
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (messenger.page(TOKEN)["id"], PSID)
    assert echo["message"].pop("app_id") == int(call(messenger.url, "GET", "app")[1]["id"])
    assert echo["message"] == {"mid": sent["message_id"], "text": "answer", "metadata": "7", "is_echo": True}


def test_a_body_of_any_kind_is_posted_signed(messenger: MessengerServer, callback: CallbackServer):
    call(messenger.url, "DELETE", "me/subscribed_apps")
    messenger.deliver(TOKEN, {"object": "user", "entry": []})
    messenger.deliver(TOKEN, "{not json")
    messenger.wait_idle()
    assert [request.body for request in callback.received] == [b'{"object":"user","entry":[]}', b"{not json"]
    assert all("x-hub-signature-256" in request.headers for request in callback.received)


def test_a_body_needs_a_callback_url(messenger: MessengerServer):
    with pytest.raises(SteeringError, match="app 'app' has no callback URL"):
        messenger.deliver(TOKEN, {})


# Batches


def test_held_events_are_posted_together(messenger: MessengerServer, callback: CallbackServer):
    subscribe(messenger.url, OTHER)
    messenger.hold()
    messenger.send_text(TOKEN, PSID, "one")
    messenger.send_text(TOKEN, "2", "two")
    messenger.send_text(OTHER, PSID, "three")
    messenger.wait_idle()
    assert callback.received == []
    assert messenger.release() == 1
    messenger.wait_idle()
    assert len(callback.updates) == 1
    assert [len(entry["messaging"]) for entry in callback.updates[0]["entry"]] == [2, 1]
    assert callback.texts == ["one", "two", "three"]
    assert len(messenger.deliveries()[0].bots) == 2


def test_held_events_can_be_posted_one_by_one(messenger: MessengerServer, callback: CallbackServer):
    messenger.hold()
    for text in ("one", "two", "three"):
        messenger.send_text(TOKEN, PSID, text)
    assert messenger.release(together=False, order="reversed") == 3
    messenger.wait_idle()
    assert callback.texts == ["three", "two", "one"]


def test_held_events_can_be_posted_more_than_once(messenger: MessengerServer, callback: CallbackServer):
    messenger.hold()
    event = messenger.send_text(TOKEN, PSID, "hi")
    assert messenger.release(copies=3) == 3
    messenger.wait_idle()
    assert callback.events == [event] * 3


def test_a_shuffle_is_the_same_with_the_same_seed():
    orders = []
    for _ in range(2):
        with CallbackServer() as server, MessengerServer(seed=5) as messenger:
            messenger.set_callback(server.url, "verify me")
            subscribe(messenger.url)
            messenger.hold()
            for number in range(10):
                messenger.send_text(TOKEN, PSID, str(number))
            messenger.release(order="shuffled")
            messenger.wait_idle()
            orders.append(server.texts)
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == [str(number) for number in range(10)] != orders[0]


def test_a_post_holds_a_thousand_events_at_most(messenger: MessengerServer, callback: CallbackServer):
    messenger.hold()
    for number in range(1001):
        messenger.send_text(TOKEN, PSID, str(number))
    assert messenger.release() == 2
    messenger.wait_idle()
    assert callback.texts == [str(number) for number in range(1001)]


def test_holding_twice_keeps_what_is_held(messenger: MessengerServer, callback: CallbackServer):
    messenger.hold()
    messenger.send_text(TOKEN, PSID, "hi")
    messenger.hold()
    assert messenger.release() == 1
    assert messenger.release() == 0


# Order and failures


def test_a_thread_is_told_in_order(messenger: MessengerServer, callback: CallbackServer):
    for number in range(50):
        messenger.send_text(TOKEN, PSID, str(number))
    messenger.wait_idle()
    assert callback.texts == [str(number) for number in range(50)]
    assert callback.most_open == 1


def test_threads_are_told_side_by_side(messenger: MessengerServer, callback: CallbackServer):
    callback.hold.clear()
    for psid in ("1", "2", "3"):
        messenger.send_text(TOKEN, psid, "hi")
    callback.wait_for(3)
    callback.hold.set()
    messenger.wait_idle()
    assert callback.most_open == 3


@pytest.mark.parametrize("failure", [FAILED, Reply(404), Reply(201), Reply(cut=True), Reply(302)])
def test_whatever_is_not_200_comes_again(messenger: MessengerServer, callback: CallbackServer, failure: Reply):
    callback.plan = [failure] * 3
    event = messenger.send_text(TOKEN, PSID, "hi")
    messenger.wait_idle()
    assert callback.events == [event] * 4
    made = messenger.deliveries()
    assert [delivery.attempt for delivery in made] == [1, 2, 3, 4]
    assert [delivery.ids for delivery in made] == [mids(event)] * 4
    assert [bool(delivery.error) for delivery in made] == [True, True, True, False]
    assert made[-1].status == 200


def test_an_answer_that_is_late_is_a_failure():
    with CallbackServer() as server, MessengerServer(time_scale=0.001, webhook_timeout=0.1) as messenger:
        messenger.set_callback(server.url, "verify me")
        subscribe(messenger.url)
        server.plan = [Reply(delay=5)]
        messenger.send_text(TOKEN, PSID, "hi")
        messenger.wait_idle()
        assert [(d.status, d.error) for d in messenger.deliveries()] == [(0, "Read timeout expired"), (200, "")]


def test_what_failed_is_overtaken(messenger: MessengerServer, callback: CallbackServer):
    callback.plan = [FAILED] * 5
    first = messenger.send_text(TOKEN, PSID, "one")
    callback.wait_for(5)
    messenger.send_text(TOKEN, PSID, "two")
    messenger.wait_idle()
    assert sorted(set(callback.texts)) == ["one", "two"]
    assert [d.attempt for d in messenger.deliveries() if d.ids == mids(first)] == [1, 2, 3, 4, 5, 6]


@pytest.fixture
def quick() -> Iterator[MessengerServer]:
    """A stand-in whose hour takes a third of a second."""
    with MessengerServer(time_scale=0.0001) as server:
        yield server


@pytest.fixture
def told(quick: MessengerServer) -> Iterator[CallbackServer]:
    """Its callback URL."""
    with CallbackServer() as server:
        quick.set_callback(server.url, "verify me")
        subscribe(quick.url)
        yield server


def test_after_an_hour_of_failures_the_page_is_unsubscribed(quick: MessengerServer, told: CallbackServer):
    told.plan = [FAILED] * 1000
    quick.send_text(TOKEN, PSID, "hi")
    quick.wait_idle()
    assert quick.page(TOKEN)["subscribed_fields"] is None
    asked = len(told.received)
    quick.send_text(TOKEN, PSID, "still there?")
    quick.wait_idle()
    assert len(told.received) == asked


def test_a_page_that_subscribes_again_is_told_again(quick: MessengerServer, told: CallbackServer):
    told.plan = [FAILED] * 1000
    quick.send_text(TOKEN, PSID, "hi")
    quick.wait_idle()
    told.plan = []
    subscribe(quick.url)
    quick.send_text(TOKEN, PSID, "again")
    quick.wait_idle()
    assert told.texts[-1] == "again"


def test_one_event_that_fails_for_an_hour_unsubscribes_nobody(quick: MessengerServer):
    """Others get through, so the webhook works."""

    class Picky(CallbackServer):
        def respond(self, request: Request) -> Reply:
            return FAILED if b"poison" in request.body else super().respond(request)

    with Picky() as server:
        quick.set_callback(server.url, "verify me")
        subscribe(quick.url)
        quick.send_text(TOKEN, PSID, "poison")
        given_up = False
        while not given_up:
            quick.send_text(TOKEN, "2", "fine")
            with suppress(TimeoutError):
                quick.wait_idle(0.01)
                given_up = True
    assert quick.page(TOKEN)["subscribed_fields"] is not None
    assert {delivery.status for delivery in quick.deliveries()} == {200, 500}


def test_what_waits_is_dropped_when_the_page_unsubscribes(messenger: MessengerServer, callback: CallbackServer):
    callback.plan = [FAILED] * 1000
    messenger.send_text(TOKEN, PSID, "hi")
    callback.wait_for(4)
    call(messenger.url, "DELETE", "me/subscribed_apps")
    messenger.wait_idle()
    assert messenger.deliveries()[-1].status == 500


@pytest.mark.parametrize("seed", range(3))
def test_whatever_fails_every_event_is_acknowledged_once(
    messenger: MessengerServer, callback: CallbackServer, seed: int
):
    draw = random.Random(seed)
    callback.plan = [draw.choice([FAILED, Reply(), Reply(cut=True)]) for _ in range(150)]
    events = [messenger.send_text(TOKEN, str(number % 7), "hi") for number in range(100)]
    messenger.wait_idle()
    acknowledged = [mid for delivery in messenger.deliveries() if delivery.status == 200 for mid in delivery.ids]
    assert sorted(acknowledged) == sorted(mids(*events))


def test_what_waits_survives_an_outage_of_facebook(messenger: MessengerServer, callback: CallbackServer):
    messenger.stop()
    event = messenger.send_text(TOKEN, PSID, "hi")
    messenger.start()
    messenger.wait_idle()
    assert callback.events == [event]
