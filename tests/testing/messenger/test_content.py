"""What the stand-in Send API takes, and what it refuses in Facebook's words."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.testing import MessengerServer
from tests.testing.messenger.helpers import PSID, button_template, generic_template, postback, refusal, send

TEXT_REPLY = {"content_type": "text", "title": "Red", "payload": "COLOR:RED"}
LINK = {"type": "web_url", "title": "Open", "url": "https://shop.example/"}
IMAGE = {"type": "image", "payload": {"url": "https://shop.example/a.jpg"}}


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x" * 2000},
        {"text": "ü😀", "metadata": "m" * 1000},
        {"text": "Which?", "quick_replies": [TEXT_REPLY] * 13},
        {"text": "Your number?", "quick_replies": [{"content_type": "user_phone_number"}]},
        button_template(postback(), LINK, {"type": "phone_number", "title": "Call", "payload": "+49301234"}),
        button_template(postback(payload="p" * 1000), text="x" * 640),
        generic_template(*[{"title": "t" * 80, "subtitle": "s" * 80, "buttons": [postback()] * 3}] * 10),
        generic_template({"title": "t", "image_url": "https://shop.example/a.jpg", "subtitle": None}),
        {"attachment": IMAGE},
        {"attachment": {"type": "file", "payload": {"attachment_id": "5"}}},
    ],
)
def test_what_is_within_the_limits_is_taken(known: MessengerServer, message: dict[str, Any]):
    status, body = send(known.url, message)
    assert status == 200
    assert body == {"recipient_id": PSID, "message_id": known.sent()[0].message_id}
    assert known.sent()[0].message == message


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (None, "Param message must be an object"),
        ("hi", "Param message must be an object"),
        ({}, "Message cannot be empty, must provide valid attachment or text"),
        ({"text": ""}, "Message cannot be empty, must provide valid attachment or text"),
        ({"text": " \n"}, "Param message[text] must be a non-empty UTF-8 encoded string"),
        ({"text": 5}, "Param message[text] must be a non-empty UTF-8 encoded string"),
        ({"text": "x" * 2001}, "Length of param message[text] must be less than or equal to 2000"),
        ({"text": "x", "metadata": "m" * 1001}, "Length of param message[metadata] must be less than or equal to 1000"),
        ({"text": "x", "attachment": IMAGE}, "Message must provide either attachment or text, not both"),
        ({"attachment": "x"}, "Param message[attachment] must be an object with type and payload"),
        ({"attachment": {"type": "image"}}, "Param message[attachment] must be an object with type and payload"),
        (
            {"attachment": {"type": "hologram", "payload": {}}},
            "Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}",
        ),
        ({"attachment": {"type": "image", "payload": {}}}, "Param payload[url] must be a valid URL"),
        (
            {"text": "x", "quick_replies": [TEXT_REPLY] * 14},
            "Param message[quick_replies] must have between 0 and 13 elements, has 14",
        ),
        ({"text": "x", "quick_replies": ["x"]}, "Param message[quick_replies] must be an array of objects"),
        (
            {"text": "x", "quick_replies": [{"content_type": "location"}]},
            "Param content_type must be one of {TEXT, USER_PHONE_NUMBER, USER_EMAIL}",
        ),
        (
            {"text": "x", "quick_replies": [{**TEXT_REPLY, "payload": "p" * 1001}]},
            "Length of param quick_replies[payload] must be less than or equal to 1000",
        ),
        (
            {"attachment": {"type": "template", "payload": {"template_type": "list"}}},
            "Param payload[template_type] must be one of {BUTTON, GENERIC}",
        ),
        (
            button_template(postback(), text="x" * 641),
            "Length of param payload[text] must be less than or equal to 640",
        ),
        (button_template(postback(), text=""), "Param payload[text] must be a non-empty UTF-8 encoded string"),
        (button_template(), "Param buttons must have between 1 and 3 elements, has 0"),
        (button_template(*[postback()] * 4), "Param buttons must have between 1 and 3 elements, has 4"),
        (
            button_template({"type": "game_play", "title": "x"}),
            "Param buttons[type] must be one of {PHONE_NUMBER, POSTBACK, WEB_URL}",
        ),
        (button_template(postback(title="")), "Param buttons[title] must be a non-empty UTF-8 encoded string"),
        (button_template(postback(payload="")), "Param buttons[payload] must be a non-empty UTF-8 encoded string"),
        (
            button_template(postback(payload="p" * 1001)),
            "Length of param buttons[payload] must be less than or equal to 1000",
        ),
        (button_template({**LINK, "url": "tel:+49301234"}), "Param buttons[url] must be a valid URL"),
        (button_template({**LINK, "url": None}), "Param buttons[url] must be a valid URL"),
        (generic_template(), "Param payload[elements] must have between 1 and 10 elements, has 0"),
        (
            generic_template(*[{"title": "t", "subtitle": "s"}] * 11),
            "Param payload[elements] must have between 1 and 10 elements, has 11",
        ),
        (generic_template({"subtitle": "s"}), "Param elements[title] must be a non-empty UTF-8 encoded string"),
        (
            generic_template({"title": "t" * 81, "subtitle": "s"}),
            "Length of param elements[title] must be less than or equal to 80",
        ),
        (
            generic_template({"title": "t", "subtitle": "s" * 81}),
            "Length of param elements[subtitle] must be less than or equal to 80",
        ),
        (
            generic_template({"title": "t", "image_url": "a.jpg"}),
            "Param elements[image_url] must be a valid URL",
        ),
        (
            generic_template({"title": "t"}),
            "An element must have at least one of subtitle, image_url, default_action and buttons",
        ),
        (
            generic_template({"title": "t", "buttons": [postback()] * 4}),
            "Param buttons must have between 0 and 3 elements, has 4",
        ),
    ],
)
def test_what_is_outside_the_limits_is_refused(known: MessengerServer, message: Any, words: str):
    assert refusal(known.url, message) == {"message": f"(#100) {words}", "type": "OAuthException", "code": 100}
    assert known.sent() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recipient": None}, "The parameter recipient is required"),
        ({"recipient": {"phone_number": "+49"}}, "The parameter recipient is required"),
        ({"messaging_type": None}, "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}"),
        ({"messaging_type": "SPAM"}, "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}"),
        ({"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, "Param tag must be one of {HUMAN_AGENT}"),
        ({"messaging_type": "UTILITY"}, "A utility message must be an approved template"),
        ({"sender_action": "typing_on"}, "Param sender_action must not be combined with message"),
    ],
)
def test_a_call_must_say_for_whom_and_why(known: MessengerServer, fields: dict[str, Any], words: str):
    assert refusal(known.url, {"text": "hi"}, **fields)["message"] == f"(#100) {words}"


def test_typing_is_taken_and_shows_nothing(known: MessengerServer):
    status, body = send(known.url, None, sender_action="typing_on")
    assert (status, body) == (200, {"recipient_id": PSID})
    assert (known.sent(), known.texts(PSID)) == ([], [])


def test_an_unknown_action_is_refused(known: MessengerServer):
    assert refusal(known.url, None, sender_action="dance")["message"].startswith("(#100) Param sender_action must be")


def test_long_titles_are_taken_and_noted(known: MessengerServer):
    send(known.url, button_template(postback(title="t" * 21), postback(title="t" * 20)))
    send(known.url, {"text": "x", "quick_replies": [{**TEXT_REPLY, "title": "q" * 30}]})
    rules = [violation.rule for violation in known.violations()]
    assert rules == ["a title of 21 characters is cut to 20", "a title of 30 characters is cut to 20"]


def test_people_read_templates_as_texts(known: MessengerServer):
    send(known.url, button_template(postback(), text="Which?"))
    send(known.url, generic_template({"title": "Shirt", "subtitle": "blue"}, {"title": "Hat", "buttons": [postback()]}))
    send(known.url, {"attachment": IMAGE})
    assert known.texts(PSID) == ["Which?", "Shirt\nblue\nHat", ""]
