"""What the stand-in Kik takes and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from permabots.testing import KikServer
from tests.testing.kik.helpers import BOT, CHAT, PERSON, call, configure, send, suggested, text

PICTURE = {"type": "picture", "to": PERSON, "picUrl": "https://pics.example/1.jpg"}


def refusal(base: str, /, *messages: Any) -> str:
    """Send messages and return why they are refused with 400."""
    status, body = send(base, *messages)
    assert (status, body["error"]) == (400, "BadRequest"), body
    return str(body["message"])


# Credentials


@pytest.mark.parametrize("key", ["silver-1", "", "1-gold-"])
def test_a_key_that_is_not_gold_is_refused(kik: KikServer, key: str):
    status, body = call(kik.url, "GET", "config", key=key)
    assert (status, body["error"]) == (401, "Unauthorized")


@pytest.mark.parametrize("header", ["", "Basic", "Basic ä", "Basic /w==", "Bearer c2hvcGJvdDpnb2xkLTE="])
def test_credentials_that_cannot_be_read_are_refused(kik: KikServer, header: str):
    answer = requests.get(f"{kik.url}/v1/config", headers={"Authorization": header.encode()}, timeout=5)
    assert answer.status_code == 401


def test_keys_are_revoked_and_restored(kik: KikServer):
    kik.revoke("gold-1")
    assert call(kik.url, "GET", "config")[0] == 401
    assert call(kik.url, "GET", "config", key="gold-2")[0] == 200
    kik.restore("gold-1")
    assert call(kik.url, "GET", "config")[0] == 200


def test_a_bots_name_is_the_same_in_any_case(kik: KikServer):
    kik.send_text("ShopBot", CHAT, PERSON, "hello")
    assert send(kik.url, text("hi"), bot="SHOPBOT")[0] == 200
    assert kik.texts(CHAT, bot="shopbot") == ["hi"]
    assert {entry.bot for entry in kik.calls()} == {"ShopBot"}


# Configuration


def test_a_configuration_is_kept(kik: KikServer):
    assert call(kik.url, "GET", "config") == (200, {"webhook": "", "features": {}})
    config = {"webhook": "https://bot.example/", "features": {"receiveReadReceipts": True}, "staticKeyboard": {"a": 1}}
    assert call(kik.url, "POST", "config", json=config) == (200, config)
    assert call(kik.url, "GET", "config") == (200, config)
    assert kik.config(BOT) == config
    assert call(kik.url, "GET", "config", "otherbot")[1]["webhook"] == ""


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"webhook": "https://bot.example/"}, "features must be an object"),
        ({"webhook": "https://bot.example/", "features": []}, "features must be an object"),
        ({"webhook": "https://bot.example/", "features": {"fly": True}}, "features must be true or false for some of"),
        (
            {"webhook": "https://bot.example/", "features": {"receiveIsTyping": 1}},
            "features must be true or false for some of",
        ),
        ({"features": {}}, "webhook must be a URL"),
        ({"webhook": "", "features": {}}, "webhook must be a URL"),
        ([], "webhook must be a URL"),
    ],
)
def test_a_wrong_configuration_is_refused(kik: KikServer, config: Any, words: str):
    status, body = call(kik.url, "POST", "config", json=config)
    assert (status, body["error"]) == (400, "BadRequest")
    assert words in body["message"]
    assert kik.config(BOT)["webhook"] == ""


def test_a_body_that_is_not_json_holds_nothing(kik: KikServer):
    assert call(kik.url, "POST", "config", data="{")[1]["message"] == "webhook must be a URL"


# Messages


@pytest.mark.parametrize(
    "message",
    [
        text("x" * 1000),
        text("hi", typeTime=200, delay=0, id="5"),
        text("hi", keyboards=[suggested(*"abcdefghijklmnopqrst", to=PERSON, hidden=True)]),
        text("hi", keyboards=[{"type": "suggested", "responses": [{"type": "friend-picker"}]}]),
        text("hi", keyboards=[{"type": "suggested", "responses": [{"type": "picture", "picUrl": "https://x/1"}]}]),
        PICTURE,
        {"type": "link", "to": PERSON, "url": "https://shop.example/"},
        {"type": "video", "to": PERSON, "videoUrl": "https://pics.example/1.mp4"},
    ],
)
def test_what_is_within_the_limits_is_taken(known: KikServer, message: dict[str, Any]):
    assert send(known.url, message) == (200, {})
    assert [(entry.bot, entry.chat_id, entry.message) for entry in known.sent()] == [(BOT, CHAT, message)]


def test_typing_and_read_receipts_show_nothing(known: KikServer):
    typing = {"type": "is-typing", "to": PERSON, "isTyping": True}
    receipt = {"type": "read-receipt", "to": PERSON, "messageIds": ["5"]}
    assert send(known.url, typing, receipt) == (200, {})
    assert known.sent() == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("x", "messages must be a list of at least one object"),
        ({**text(), "type": "hologram"}, "type must be one of text, link, picture, video, is-typing, read-receipt"),
        ({"type": "text", "body": "hi"}, "to must be a username"),
        (text(to=""), "to must be a username"),
        (text(chatId=5), "chatId must be a string"),
        (text(""), "a message of type text needs body"),
        (text(5), "a message of type text needs body"),
        (text("x" * 1001), "body must be no longer than 1000 characters"),
        ({"type": "picture", "to": PERSON}, "a message of type picture needs picUrl"),
        ({"type": "is-typing", "to": PERSON, "isTyping": "yes"}, "a message of type is-typing needs isTyping"),
        ({"type": "read-receipt", "to": PERSON, "messageIds": []}, "a message of type read-receipt needs messageIds"),
        (text(delay=-1), "delay must be a number of milliseconds"),
        (text(typeTime="1"), "typeTime must be a number of milliseconds"),
        (text(delay=True), "delay must be a number of milliseconds"),
        (text(keyboards={}), "keyboards must be a list"),
        (text(keyboards=["x"]), "a keyboard must be of type suggested"),
        (text(keyboards=[{"type": "inline"}]), "a keyboard must be of type suggested"),
        (text(keyboards=[suggested()]), "a keyboard must have between 1 and 20 responses"),
        (text(keyboards=[suggested(*["x"] * 21)]), "a keyboard must have between 1 and 20 responses"),
        (text(keyboards=[{"type": "suggested"}]), "a keyboard must have between 1 and 20 responses"),
        (
            text(keyboards=[{"type": "suggested", "responses": ["x"]}]),
            "a response must be of type text, picture or friend-picker",
        ),
        (text(keyboards=[suggested("")]), "a response of type text needs body"),
        (
            text(keyboards=[{"type": "suggested", "responses": [{"type": "picture"}]}]),
            "a response of type picture needs picUrl",
        ),
    ],
)
def test_what_is_outside_the_limits_is_refused(known: KikServer, message: Any, words: str):
    assert refusal(known.url, message) == words
    assert known.sent() == []


def test_a_call_needs_messages(known: KikServer):
    assert refusal(known.url) == "messages must be a list of at least one object"


def test_a_person_gets_five_messages_a_call(known: KikServer):
    assert send(known.url, *[text(str(number)) for number in range(5)])[0] == 200
    words = "no more than 5 messages may be sent to one user in one call, mara.o has 6"
    assert refusal(known.url, *[text(str(number)) for number in range(6)]) == words
    assert known.texts(CHAT) == ["0", "1", "2", "3", "4"]


def test_a_call_has_25_messages(kik: KikServer):
    for number in range(26):
        kik.send_text(BOT, f"chat{number}", f"person{number}", "hello")
    messages = [text(to=f"person{number}", chatId=f"chat{number}") for number in range(26)]
    assert refusal(kik.url, *messages) == "no more than 25 messages may be sent in one call"
    assert send(kik.url, *messages[:25]) == (200, {})
    assert len(kik.sent()) == 25


def test_all_messages_of_a_call_are_taken_or_none(known: KikServer):
    assert refusal(known.url, text("fine"), text("")) == "a message of type text needs body"
    assert send(known.url, text("fine"), text(to="blocked403"))[0] == 403
    assert known.texts(CHAT) == []


def test_a_message_without_a_chat_goes_where_the_person_last_wrote(known: KikServer):
    known.send_text(BOT, "another", PERSON, "hello")
    send(known.url, {"type": "text", "to": PERSON, "body": "hi"})
    assert known.texts("another") == ["hi"]


def test_people_read_texts_and_addresses(known: KikServer):
    send(known.url, text("hi"), PICTURE)
    assert known.texts(CHAT) == ["hi", "https://pics.example/1.jpg"]


# People


def test_a_person_who_never_wrote_is_refused(kik: KikServer):
    expected = "The user does not exist or has not started a conversation with this bot"
    assert refusal(kik.url, text()) == expected


def test_people_need_not_have_written_where_a_test_says_so():
    with KikServer(check_people=False) as kik:
        assert send(kik.url, text("hi"), {"type": "text", "to": "joe", "body": "hello"})[0] == 200
        assert (kik.texts(CHAT), kik.texts("joe")) == (["hi"], ["hello"])


@pytest.mark.parametrize(("person", "status"), [("blocked403", 403), ("limited429", 429), ("unknown400", 400)])
def test_some_people_always_refuse(kik: KikServer, person: str, status: int):
    kik.start_chatting(BOT, CHAT, person)
    assert send(kik.url, text(to=person))[0] == status


def test_a_limit_says_how_long_to_wait(kik: KikServer):
    body = {"messages": [text(to="limited429")]}
    answer = requests.post(f"{kik.url}/v1/message", json=body, auth=(BOT, "gold-1"), timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_a_person_has_a_profile(kik: KikServer):
    status, body = call(kik.url, "GET", f"user/{PERSON}")
    assert (status, body["firstName"]) == (200, "Mara.o")
    assert set(body) == {"firstName", "lastName", "profilePicUrl", "profilePicLastModified", "timezone"}
    assert call(kik.url, "GET", "user/unknown400")[0] == 404


@pytest.mark.parametrize(("verb", "path"), [("GET", "message"), ("PUT", "config"), ("POST", "user/x"), ("GET", "x")])
def test_what_does_not_exist_is_not_found(kik: KikServer, verb: str, path: str):
    status, body = call(kik.url, verb, path)
    assert (status, body["error"]) == (404, "NotFound")


def test_a_bot_can_be_registered_without_a_call(kik: KikServer):
    config = kik.register_bot(BOT, "gold-1", webhook="https://bot.example/", features={"receiveReadReceipts": True})
    assert config == {"webhook": "https://bot.example/", "features": {"receiveReadReceipts": True}}
    assert kik.register_bot(BOT, "gold-2") == config
    assert configure(kik.url, "https://other.example/")[1]["webhook"] == "https://other.example/"
