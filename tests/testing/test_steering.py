"""What people do and see in the stand-in Telegram, in this process and by the control API."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from permabots.testing import Fault, FaultKind, SteeringError, TelegramControl, TelegramServer, TelegramSteering
from tests.testing.helpers import TOKEN, WebhookServer, call, send


@pytest.fixture(params=["here", "by the control API"])
def steering(request: pytest.FixtureRequest, telegram: TelegramServer) -> Iterator[TelegramSteering]:
    yield telegram if request.param == "here" else TelegramControl(telegram.url)


def fetched(telegram: TelegramServer) -> list[dict[str, Any]]:
    """Return the updates that wait for the bot."""
    return call(telegram.url, "getUpdates")[1]["result"]


def inline(*buttons: dict[str, str]) -> dict[str, Any]:
    return {"inline_keyboard": [[button] for button in buttons]}


def test_a_person_writes(telegram: TelegramServer, steering: TelegramSteering):
    update = steering.send_text(TOKEN, 7, "/start now")
    assert fetched(telegram) == [update]
    assert update["message"]["message_id"] == 1
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


def test_several_people_write_in_a_group(telegram: TelegramServer, steering: TelegramSteering):
    for user in (7, 8):
        steering.send_text(TOKEN, -5, "hi", user=user)
    assert [u["message"]["from"]["id"] for u in fetched(telegram)] == [7, 8]
    assert {u["message"]["chat"]["type"] for u in fetched(telegram)} == {"group"}


def test_numbers_are_given_in_order(steering: TelegramSteering):
    first, second = (steering.send_text(TOKEN, 7, "hi") for _ in range(2))
    assert second["update_id"] == first["update_id"] + 1
    assert second["message"]["message_id"] == first["message"]["message_id"] + 1


def test_an_inline_button_is_pressed_by_its_label(telegram: TelegramServer, steering: TelegramSteering):
    buttons = {"text": "Small", "callback_data": "size:s"}, {"text": "Large", "callback_data": "size:l"}
    message = send(telegram.url, "Which?", reply_markup=inline(*buttons))[1]["result"]
    send(telegram.url, "no keyboard here")
    steering.press_button(TOKEN, 7, "Large")
    query = fetched(telegram)[0]["callback_query"]
    assert (query["data"], query["message"], query["from"]["id"]) == ("size:l", message, 7)


def test_a_press_can_be_answered(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url, reply_markup=inline({"text": "x", "callback_data": "x"}))
    query = steering.press_button(TOKEN, 7, "x")["callback_query"]
    assert call(telegram.url, "answerCallbackQuery", callback_query_id=query["id"])[0] == 200


def test_a_button_of_an_older_message_is_pressed_by_its_data(telegram: TelegramServer, steering: TelegramSteering):
    for data in ("old", "new"):
        send(telegram.url, reply_markup=inline({"text": data, "callback_data": data}))
    steering.press(TOKEN, 7, "old", message_id=1, user=8)
    query = fetched(telegram)[0]["callback_query"]
    assert (query["data"], query["message"]["message_id"], query["from"]["id"]) == ("old", 1, 8)


def test_a_chat_without_a_keyboard_has_nothing_to_press(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url)
    with pytest.raises(SteeringError, match="chat 7 shows no keyboard"):
        steering.press(TOKEN, 7, "x")


def test_a_button_of_a_reply_keyboard_writes_its_label(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url, reply_markup={"keyboard": [["Yes", {"text": "No"}]]})
    steering.press_button(TOKEN, 7, "No")
    assert fetched(telegram)[0]["message"]["text"] == "No"


def test_a_removed_keyboard_has_no_buttons(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url, reply_markup={"keyboard": [["Yes"]]})
    send(telegram.url, reply_markup={"remove_keyboard": True})
    with pytest.raises(SteeringError, match="chat 7 shows no button 'Yes'; its buttons: none"):
        steering.press_button(TOKEN, 7, "Yes")


def test_a_button_that_is_not_there_cannot_be_pressed(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url, reply_markup=inline({"text": "Yes", "callback_data": "y"}))
    with pytest.raises(SteeringError, match="chat 7 shows no button 'No'; its buttons: 'Yes'"):
        steering.press_button(TOKEN, 7, "No")


def test_a_link_tells_the_bot_nothing(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url, reply_markup=inline({"text": "Open", "url": "https://example.com"}))
    with pytest.raises(SteeringError, match=r"button 'Open' opens https://example\.com"):
        steering.press_button(TOKEN, 7, "Open")


def test_a_chat_that_nobody_opened_has_no_keyboard(steering: TelegramSteering):
    with pytest.raises(SteeringError, match="the bot has no chat 7"):
        steering.press_button(TOKEN, 7, "x")


@pytest.mark.parametrize("update", [{}, {"update_id": 1}, {"update_id": 1, "message": "x"}])
def test_what_is_no_update_is_not_delivered(steering: TelegramSteering, update: dict[str, Any]):
    with pytest.raises(SteeringError, match="an update is an object"):
        steering.deliver(TOKEN, update)


def test_a_token_without_a_number_is_no_token(steering: TelegramSteering):
    with pytest.raises(SteeringError, match="a token begins with the bot's number"):
        steering.send_text("nonsense", 7, "hi")


def test_history_has_both_sides_and_messages_the_bots(telegram: TelegramServer, steering: TelegramSteering):
    steering.send_text(TOKEN, 7, "question")
    send(telegram.url, "answer")
    assert [m["text"] for m in steering.history(7)] == ["question", "answer"]
    assert steering.texts(7) == ["answer"]


def test_two_bots_in_one_chat_are_told_apart(telegram: TelegramServer, steering: TelegramSteering):
    call(telegram.url, "sendMessage", chat_id=7, text="first")
    call(telegram.url, "sendMessage", token="222:bbb", chat_id=7, text="second")
    assert steering.texts(7) == ["first", "second"]
    assert steering.texts(7, bot="222:bbb") == ["second"]


def test_bots_are_registered_revoked_and_restored(telegram: TelegramServer, steering: TelegramSteering):
    assert steering.register_bot(TOKEN, username="shop_bot")["username"] == "shop_bot"
    steering.rename(TOKEN, "store_bot")
    assert call(telegram.url, "getMe")[1]["result"]["username"] == "store_bot"
    steering.revoke(TOKEN)
    assert call(telegram.url, "getMe")[0] == 401
    steering.restore(TOKEN)
    assert call(telegram.url, "getMe")[0] == 200


def test_the_webhook_is_seen(telegram: TelegramServer, webhook: WebhookServer, steering: TelegramSteering):
    assert steering.webhook(TOKEN)["url"] == f"{webhook.url}/hook/"
    assert steering.webhook(TOKEN)["secret"] == "s3cret"


def test_faults_are_ordered_and_cleared(telegram: TelegramServer, steering: TelegramSteering):
    steering.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, chat_id=7, seconds=60, enforce=True, count=1))
    assert [send(telegram.url)[0] for _ in range(2)] == [429, 429]
    assert [(v.bot, v.chat_id) for v in steering.violations()] == [(111, 7)]
    steering.clear_faults()
    assert send(telegram.url)[0] == 200


def test_the_journal_is_read_from_a_place_on_and_cleared(
    telegram: TelegramServer, webhook: WebhookServer, steering: TelegramSteering
):
    for text in ("one", "two"):
        send(telegram.url, text)
        steering.send_text(TOKEN, 7, text)
    steering.wait_idle()
    assert [entry.text for entry in steering.sent(1)] == ["two"]
    assert [entry.method for entry in steering.calls(2)] == ["sendMessage"]
    assert [entry.status for entry in steering.deliveries(1)] == [200]
    steering.clear_journal()
    assert (steering.sent(), steering.calls(), steering.deliveries()) == ([], [], [])
    assert steering.texts(7) == ["one", "two"]


def test_the_journal_is_the_same_by_either_way(telegram: TelegramServer, webhook: WebhookServer):
    send(telegram.url, reply_markup=inline({"text": "x", "callback_data": "x"}))
    telegram.send_text(TOKEN, 7, "hi")
    telegram.wait_idle()
    control = TelegramControl(telegram.url)
    assert control.sent() == telegram.sent()
    assert control.calls() == telegram.calls()
    assert control.deliveries() == telegram.deliveries()


def test_messages_are_waited_for(telegram: TelegramServer, steering: TelegramSteering):
    threads = [threading.Thread(target=send, args=(telegram.url, text)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    assert sorted(m["text"] for m in steering.wait_for_messages(7, 2)) == ["one", "two"]
    steering.wait_for_sent(2)
    for thread in threads:
        thread.join()


def test_waiting_in_vain_is_a_timeout(telegram: TelegramServer, steering: TelegramSteering):
    send(telegram.url)
    with pytest.raises(TimeoutError, match=r"1 of 2 messages in chat 7 after 0\.01 s"):
        steering.wait_for_messages(7, 2, timeout=0.01)
    with pytest.raises(TimeoutError, match=r"1 of 2 messages sent after 0\.01 s"):
        steering.wait_for_sent(2, timeout=0.01)
    with pytest.raises(TimeoutError, match=r"0 of 2 deliveries after 0\.01 s"):
        steering.wait_for_deliveries(2, timeout=0.01)


def test_an_unknown_operation_is_refused(telegram: TelegramServer):
    answer = requests.post(f"{telegram.url}/_control/fly", json={}, timeout=5)
    assert answer.status_code == 404
    assert "there are: add_fault, calls" in answer.json()["message"]


@pytest.mark.parametrize("body", ["{", '{"token": 5, "what": 1}', '{"kind": "unknown"}'])
def test_a_bad_order_is_refused(telegram: TelegramServer, body: str):
    answer = requests.post(f"{telegram.url}/_control/add_fault", data=body, timeout=5)
    assert answer.status_code == 400


@pytest.mark.parametrize("name", sorted(TelegramSteering.__abstractmethods__))
def test_both_ways_have_the_same_methods(name: str):
    assert inspect.signature(getattr(TelegramControl, name)) == inspect.signature(getattr(TelegramServer, name))
