"""The stand-in Bot API: tokens, accounts, webhooks, getUpdates, button presses; by every way to send arguments."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import requests

from permabots.testing import TelegramServer, callback_update, member_update, text_update
from tests.testing.helpers import TOKEN, call

HOOK = "https://bot.example/hook/"


def told(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    """Return the status and the description of an answer."""
    return answer[0], answer[1].get("description", "")


def test_a_bot_is_called_after_its_number(telegram: TelegramServer):
    status, body = call(telegram.url, "getMe")
    assert status == 200
    assert body["ok"] is True
    assert body["result"].items() >= {"id": 111, "is_bot": True, "username": "fake_111_bot"}.items()


def test_a_bot_can_be_registered_and_renamed(telegram: TelegramServer):
    telegram.register_bot(TOKEN, username="shop_bot", first_name="Shop")
    telegram.rename(TOKEN, "store_bot")
    result = call(telegram.url, "getMe")[1]["result"]
    assert (result["username"], result["first_name"]) == ("store_bot", "Shop")


def test_two_tokens_of_one_number_are_one_bot(telegram: TelegramServer):
    call(telegram.url, "setWebhook", token="111:old", url=HOOK)
    assert call(telegram.url, "getWebhookInfo", token="111:new")[1]["result"]["url"] == HOOK


@pytest.mark.parametrize("token", ["nonsense", "111", "x:aaa", "111:aREJECTa", "111:a!b"])
def test_a_bad_token_is_unauthorized(telegram: TelegramServer, token: str):
    answer = call(telegram.url, "getMe", token=token)
    assert answer == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})


def test_a_revoked_token_is_unauthorized_until_it_is_restored(telegram: TelegramServer):
    telegram.revoke(TOKEN)
    assert told(call(telegram.url, "getMe")) == (401, "Unauthorized")
    assert call(telegram.url, "getMe", token="111:new")[0] == 200
    telegram.restore(TOKEN)
    assert call(telegram.url, "getMe")[0] == 200


@pytest.mark.parametrize("path", ["/bot111:aaa/flyToTheMoon", "/bot111:aaa/", "/", "/getMe"])
def test_what_does_not_exist_is_not_found(telegram: TelegramServer, path: str):
    answer = requests.post(telegram.url + path, timeout=5)
    assert answer.status_code == 404
    assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


def test_the_name_of_a_method_may_be_written_in_any_case(telegram: TelegramServer):
    assert call(telegram.url, "GETme")[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"method": "POST", "json": {"chat_id": 7, "text": "ünï", "reply_markup": {"remove_keyboard": True}}},
        {"method": "POST", "data": {"chat_id": 7, "text": "ünï", "reply_markup": '{"remove_keyboard": true}'}},
        {"method": "GET", "params": {"chat_id": 7, "text": "ünï", "reply_markup": '{"remove_keyboard": true}'}},
        {
            "method": "POST",
            "files": {name: (None, value) for name, value in (("chat_id", "7"), ("text", "ünï"))},
            "params": {"reply_markup": '{"remove_keyboard": true}'},
        },
    ],
    ids=["json", "form", "query", "multipart"],
)
def test_arguments_come_in_four_ways(telegram: TelegramServer, sent: dict[str, Any]):
    answer = requests.request(url=f"{telegram.url}/bot{TOKEN}/sendMessage", timeout=5, **sent)
    assert answer.status_code == 200, answer.text
    assert [(s.chat_id, s.text, s.message["reply_markup"]) for s in telegram.sent()] == [
        (7, "ünï", {"remove_keyboard": True})
    ]


@pytest.mark.parametrize("body", ["{", "[]", "7", "\udcff"])
def test_a_body_that_is_said_to_be_json_must_be_an_object(telegram: TelegramServer, body: str):
    answer = requests.post(
        f"{telegram.url}/bot{TOKEN}/sendMessage",
        data=body.encode("utf-8", "surrogateescape"),
        headers={"Content-Type": "application/json"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["error_code"]) == (400, 400)


def test_a_webhook_is_set_and_deleted(telegram: TelegramServer):
    assert told(call(telegram.url, "setWebhook", url=HOOK, secret_token="a-B_9")) == (200, "Webhook was set")
    assert told(call(telegram.url, "setWebhook", url=HOOK, secret_token="a-B_9")) == (200, "Webhook is already set")
    assert telegram.webhook(TOKEN).items() >= {"url": HOOK, "secret": "a-B_9", "pending": 0}.items()
    assert told(call(telegram.url, "deleteWebhook")) == (200, "Webhook was deleted")
    assert told(call(telegram.url, "deleteWebhook")) == (200, "Webhook is already deleted")
    assert call(telegram.url, "getWebhookInfo")[1]["result"]["url"] == ""


def test_an_empty_address_deletes_the_webhook(telegram: TelegramServer):
    call(telegram.url, "setWebhook", url=HOOK)
    assert told(call(telegram.url, "setWebhook", url="")) == (200, "Webhook was deleted")


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        ({"url": "http://bot.example/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "bot.example"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https:///x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://bot.example:8000/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "https://bot.example:none/"}, "invalid webhook URL specified"),
        ({"url": HOOK, "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": HOOK, "secret_token": "ü"}, "secret token contains unallowed characters"),
        ({"url": HOOK, "secret_token": "a" * 257}, "secret token is too long"),
        ({"url": HOOK, "allowed_updates": "[mess"}, "can't parse allowed updates list"),
    ],
)
def test_a_bad_webhook_is_refused(telegram: TelegramServer, arguments: dict[str, Any], description: str):
    assert told(call(telegram.url, "setWebhook", **arguments)) == (400, f"Bad Request: {description}")
    assert telegram.webhook(TOKEN)["url"] == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost:8000/", "https://bot.example:8443/x", HOOK])
def test_a_good_webhook_is_taken(telegram: TelegramServer, url: str):
    assert call(telegram.url, "setWebhook", url=url)[0] == 200


def test_webhook_info_says_what_was_set_and_what_waits(telegram: TelegramServer):
    telegram.send_text(TOKEN, 7, "hi")
    call(telegram.url, "setWebhook", url=HOOK, allowed_updates=["message"], max_connections=3)
    telegram.wait_for_deliveries(1)
    info = call(telegram.url, "getWebhookInfo")[1]["result"]
    assert info.items() >= {"url": HOOK, "max_connections": 3, "allowed_updates": ["message"]}.items()
    assert info["pending_update_count"] == 1
    assert info["last_error_message"] == "Failed to resolve host: Name or service not known"
    assert isinstance(info["last_error_date"], int)


def test_allowed_updates_stay_where_they_are_not_given_again(telegram: TelegramServer):
    call(telegram.url, "setWebhook", url=HOOK, allowed_updates=json.dumps(["message"]))
    call(telegram.url, "setWebhook", url=HOOK + "2")
    assert telegram.webhook(TOKEN)["allowed"] == ["message"]


def test_pending_updates_can_be_dropped(telegram: TelegramServer):
    telegram.send_text(TOKEN, 7, "hi")
    call(telegram.url, "deleteWebhook", drop_pending_updates="true")
    assert telegram.webhook(TOKEN)["pending"] == 0


def test_updates_are_fetched_and_acknowledged(telegram: TelegramServer):
    for number in (5, 6, 7):
        telegram.deliver(TOKEN, text_update(number, 7, f"text {number}"))
    fetched = call(telegram.url, "getUpdates", limit=2)[1]["result"]
    assert [update["update_id"] for update in fetched] == [5, 6]
    fetched = call(telegram.url, "getUpdates", offset=7)[1]["result"]
    assert [update["message"]["text"] for update in fetched] == ["text 7"]
    assert telegram.webhook(TOKEN)["pending"] == 1


def test_a_negative_offset_fetches_the_last_ones(telegram: TelegramServer):
    for number in (5, 6, 7):
        telegram.deliver(TOKEN, text_update(number, 7, f"text {number}"))
    fetched = call(telegram.url, "getUpdates", offset=-1)[1]["result"]
    assert [update["update_id"] for update in fetched] == [7]


def test_fetching_waits_for_an_update(telegram: TelegramServer):
    fetched: list[Any] = []
    thread = threading.Thread(
        target=lambda: fetched.extend(call(telegram.url, "getUpdates", timeout=8)[1]["result"]), daemon=True
    )
    thread.start()
    telegram.send_text(TOKEN, 7, "hi")
    thread.join(10)
    assert [update["message"]["text"] for update in fetched] == ["hi"]


def test_fetching_gives_up_when_the_server_stops(telegram: TelegramServer):
    failed: list[Exception] = []

    def fetch() -> None:
        try:
            call(telegram.url, "getUpdates", timeout=50)
        except requests.ConnectionError as error:
            failed.append(error)

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    telegram.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_fetching_conflicts_with_a_webhook(telegram: TelegramServer):
    call(telegram.url, "setWebhook", url=HOOK)
    assert told(call(telegram.url, "getUpdates")) == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )


def test_a_bot_gets_only_the_kinds_it_allows(telegram: TelegramServer):
    call(telegram.url, "setWebhook", url=HOOK, allowed_updates=["callback_query"])
    call(telegram.url, "deleteWebhook")
    telegram.send_text(TOKEN, 7, "hi")
    telegram.deliver(TOKEN, callback_update(None, 7, "x", message_id=1))
    fetched = call(telegram.url, "getUpdates")[1]["result"]
    assert [sorted(update) for update in fetched] == [["callback_query", "update_id"]]


def test_a_bot_gets_its_own_membership_but_not_that_of_others_by_default(telegram: TelegramServer):
    own = member_update(None, 7, "kicked")
    telegram.deliver(TOKEN, own)
    telegram.deliver(TOKEN, {"update_id": None, "chat_member": own["my_chat_member"]})
    fetched = call(telegram.url, "getUpdates")[1]["result"]
    assert [sorted(update) for update in fetched] == [["my_chat_member", "update_id"]]


def test_a_press_can_be_answered(telegram: TelegramServer):
    update = telegram.deliver(TOKEN, callback_update(None, 7, "x", message_id=1))
    query = update["callback_query"]["id"]
    assert call(telegram.url, "answerCallbackQuery", callback_query_id=query) == (200, {"ok": True, "result": True})


@pytest.mark.parametrize("query", ["", "12345"])
def test_an_unknown_press_cannot_be_answered(telegram: TelegramServer, query: str):
    assert told(call(telegram.url, "answerCallbackQuery", callback_query_id=query)) == (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )


def test_an_old_press_cannot_be_answered():
    with TelegramServer(time_scale=0.0) as telegram:
        update = telegram.deliver(TOKEN, callback_update(None, 7, "x", message_id=1))
        answer = call(telegram.url, "answerCallbackQuery", callback_query_id=update["callback_query"]["id"])
    assert answer[0] == 400


def test_every_call_is_written_down(telegram: TelegramServer):
    call(telegram.url, "getMe")
    call(telegram.url, "setWebhook", url="http://bot.example/")
    call(telegram.url, "getMe", token="nonsense")
    entries = telegram.calls()
    assert [(e.bot, e.method, e.status) for e in entries] == [
        (111, "getMe", 200),
        (111, "setWebhook", 400),
        (0, "getMe", 401),
    ]
    assert entries[1].arguments == {"url": "http://bot.example/"}
    assert entries[1].description.startswith("Bad Request: bad webhook")
    assert entries[0].monotonic <= entries[1].monotonic
    assert "bot.example" not in repr(entries[1])
