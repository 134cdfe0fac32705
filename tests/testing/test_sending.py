"""sendMessage of the stand-in: what is accepted, what it becomes, and in which words the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from permabots.testing import TelegramServer, migrated_update
from permabots.testing.updates import message
from tests.testing.helpers import TOKEN, call, refusal, send

BUTTON = {"text": "Large", "callback_data": "size:l"}


def test_a_message_comes_back_whole(telegram: TelegramServer):
    status, body = send(telegram.url, "<b>Hi</b> &amp; bye", parse_mode="HTML")
    message = body["result"]
    assert status == 200
    assert message["message_id"] == 1
    assert message["from"]["username"] == "fake_111_bot"
    assert message["chat"] == {"id": 7, "type": "private", "first_name": "User 7"}
    assert message["text"] == "Hi & bye"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert isinstance(message["date"], int)


def test_message_ids_go_up_in_each_chat(telegram: TelegramServer):
    ids = [send(telegram.url, chat_id=chat)[1]["result"]["message_id"] for chat in (7, 7, 8, 7)]
    assert ids == [1, 2, 1, 3]


def test_the_chat_keeps_what_was_sent(telegram: TelegramServer):
    send(telegram.url, "one")
    send(telegram.url, "two")
    assert telegram.texts(7) == ["one", "two"]
    assert telegram.messages(8) == []


def test_an_accepted_message_is_written_down(telegram: TelegramServer):
    send(telegram.url, "<i>x</i>", parse_mode="HTML", reply_markup={"inline_keyboard": [[BUTTON]]})
    entry = telegram.sent()[0]
    assert (entry.bot, entry.chat_id, entry.message_id, entry.text) == (111, 7, 1, "x")
    assert entry.message["text"] == "<i>x</i>"
    assert entry.message["reply_markup"] == {"inline_keyboard": [[BUTTON]]}
    assert entry.answered


@pytest.mark.parametrize(
    ("text", "mode", "description"),
    [
        ("", "", "message text is empty"),
        (" \n ", "", "message text is empty"),
        ("\u200b\ufeff\u2800\U000e0041", "", "message text is empty"),
        ("x" + " " * 32768, "", "text is too long"),
        ('<a href="http://e.xy/' + "a" * 9500 + '">x</a>', "HTML", "ENTITIES_TOO_LONG"),
        ("<b></b>", "HTML", "message text is empty"),
        ("<b> </b>\n", "HTML", "message text is empty"),
        ("x" * 4097, "", "message is too long"),
        ("😀" * 2048 + "x", "", "message is too long"),
        ("&lt;" * 4097, "HTML", "message is too long"),
        ("<b>x", "HTML", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("x <y>", "html", 'can\'t parse entities: Unsupported start tag "y" at byte offset 2'),
        ("x", "MarkdownV2", "unsupported parse_mode"),
        ("\ud83d", "", "strings must be encoded in UTF-8"),
    ],
)
def test_a_bad_text_is_refused(telegram: TelegramServer, text: str, mode: str, description: str):
    assert refusal(telegram.url, text, parse_mode=mode) == description
    assert telegram.sent() == []


@pytest.mark.parametrize(
    ("text", "mode"), [("x" * 4096, ""), ("😀" * 2048, ""), ("&lt;" * 4096, "HTML"), ("<b>x</b>" * 4096, "HTML")]
)
def test_the_longest_text_is_counted_as_people_see_it(telegram: TelegramServer, text: str, mode: str):
    assert send(telegram.url, text, parse_mode=mode)[0] == 200


def test_blanks_around_a_text_are_dropped_and_entities_follow(telegram: TelegramServer):
    message = send(telegram.url, " \n<b> 😀 </b>x<i> </i> ", parse_mode="HTML")[1]["result"]
    assert message["text"] == "😀 x"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 3}]


def test_entities_may_be_given_instead_of_markup(telegram: TelegramServer):
    entity = {"type": "bold", "offset": 0, "length": 1}
    assert send(telegram.url, "<b", entities=json.dumps([entity]))[1]["result"]["entities"] == [entity]


@pytest.mark.parametrize(
    ("chat_id", "description"), [("", "chat_id is empty"), (None, "chat_id is empty"), ("@nobody", "chat not found")]
)
def test_a_bad_chat_is_refused(telegram: TelegramServer, chat_id: Any, description: str):
    assert refusal(telegram.url, chat_id=chat_id) == description


def test_one_chat_has_blocked_every_bot(telegram: TelegramServer):
    description = "Forbidden: bot was blocked by the user"
    expected = (403, {"ok": False, "error_code": 403, "description": description})
    assert send(telegram.url, chat_id=403403) == expected


def test_one_chat_is_always_over_its_limit(telegram: TelegramServer):
    status, body = send(telegram.url, chat_id="429429")
    assert (status, body["error_code"], body["parameters"]) == (429, 429, {"retry_after": 3})
    assert body["description"] == "Too Many Requests: retry after 3"


def test_a_group_that_moved_names_its_new_id(telegram: TelegramServer):
    telegram.deliver(TOKEN, migrated_update(None, -5, -1000000000005))
    status, body = send(telegram.url, chat_id=-5)
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": -1000000000005})
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert send(telegram.url, chat_id=-1000000000005)[0] == 200


@pytest.mark.parametrize(
    "quoting",
    [
        {"reply_parameters": {"message_id": 1}},
        {"reply_parameters": '{"message_id": 1}'},
        {"reply_to_message_id": 1},
    ],
)
def test_a_reply_shows_what_it_quotes(telegram: TelegramServer, quoting: dict[str, Any]):
    telegram.send_text(TOKEN, 7, "a question")
    message = send(telegram.url, **quoting)[1]["result"]
    assert message["reply_to_message"]["text"] == "a question"
    assert telegram.messages(7)[0]["reply_to_message"]["message_id"] == 1


@pytest.mark.parametrize("quoting", [{"reply_parameters": {"message_id": 9}}, {"reply_to_message_id": 9}])
def test_a_reply_to_an_unknown_message_is_refused(telegram: TelegramServer, quoting: dict[str, Any]):
    assert refusal(telegram.url, **quoting) == "message to be replied not found"


@pytest.mark.parametrize(
    "quoting",
    [
        {"reply_parameters": {"message_id": 9, "allow_sending_without_reply": True}},
        {"reply_to_message_id": 9, "allow_sending_without_reply": "true"},
        {"reply_parameters": ""},
    ],
)
def test_a_reply_may_do_without_what_it_quotes(telegram: TelegramServer, quoting: dict[str, Any]):
    assert "reply_to_message" not in send(telegram.url, **quoting)[1]["result"]
    assert "reply_to_message" not in telegram.messages(7)[0]


def test_replies_to_messages_never_seen_can_be_allowed():
    with TelegramServer(check_replies=False) as telegram:
        assert send(telegram.url, reply_to_message_id=9)[0] == 200
        assert telegram.messages(7)[0]["reply_to_message"]["message_id"] == 9


def inline(*buttons: Any) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


TEXT_BUTTON = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        (inline({"text": "x"}), TEXT_BUTTON),
        (inline({"text": "x", "callback_data": ""}), TEXT_BUTTON),
        (inline({"text": "x", "callback_data": "é" * 33}), "BUTTON_DATA_INVALID"),
        (inline({"text": "x", "callback_data": 5}), "BUTTON_DATA_INVALID"),
        (inline({"text": "", "callback_data": "x"}), "inline keyboard button text must be non-empty"),
        (inline({"callback_data": "x"}), "can't parse inline keyboard button: Can't find field \"text\""),
        (inline("x"), "can't parse inline keyboard button: Can't find field \"text\""),
        (inline({"text": "\u200b", "callback_data": "x"}), "inline keyboard button text must be non-empty"),
        (inline(*[BUTTON] * 101), "reply markup is too long"),
        (inline(*[{"text": "é" * 30, "callback_data": "d" * 40}] * 90), "reply markup is too long"),
        ({"inline_keyboard": [BUTTON]}, 'field "inline_keyboard" of the ReplyMarkup must be an Array of Arrays'),
        ({"keyboard": [[{"text": " "}]]}, "keyboard button text must be non-empty"),
        ({"keyboard": "x"}, 'field "keyboard" of the ReplyMarkup must be an Array of Arrays'),
    ],
)
def test_a_bad_keyboard_is_refused(telegram: TelegramServer, markup: Any, description: str):
    assert refusal(telegram.url, reply_markup=markup) == description


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("not-a-url", "Wrong HTTP URL"),
        ("http://localhost/x", "Wrong HTTP URL"),
        ("http://exa mple.com", "Wrong HTTP URL"),
        ("ftp://example.com", "Unsupported URL protocol"),
        ("tel:+37120123456", "Wrong port number specified in the URL"),
        ("http://example.com:99999", "Wrong port number specified in the URL"),
        ("http://", "URL host is empty"),
        ("https://", "URL host is empty"),
        ("http://shop/sizes", "Wrong HTTP URL"),
        ("http://example.com:0/", "Wrong port number specified in the URL"),
        ("https://exa%zzmple.com", "Wrong HTTP URL"),
        ("https://[2001:db8::1]/", "Wrong HTTP URL"),
        ("tg://user:1", "Wrong tg URL"),
    ],
)
def test_a_bad_link_is_refused(telegram: TelegramServer, url: str, reason: str):
    markup = inline({"text": "x", "url": url})
    expected = f"inline keyboard button URL '{url}' is invalid: {reason}"
    assert refusal(telegram.url, reply_markup=markup) == expected


@pytest.mark.parametrize(
    "markup",
    [
        "",
        {},
        inline(BUTTON),
        json.dumps(inline(BUTTON)),
        inline({"text": "x", "callback_data": "é" * 32}),
        inline(*[BUTTON] * 100),
        inline({"text": "x", "url": "https://example.com/a?b=c#d"}),
        inline({"text": "x", "url": "example.com:8080"}),
        inline({"text": "x", "url": "tg://resolve?domain=x"}),
        inline({"text": "x", "url": "http://user:pass@example.com/"}),
        inline({"text": "x", "web_app": {"url": "https://example.com"}}),
        {"keyboard": [["x", {"text": "y"}]]},
        {"remove_keyboard": True},
        {"force_reply": True},
        {"hide_keyboard": True, "selective": False},
        {"inline_keyboard": []},
    ],
)
def test_a_good_keyboard_is_taken(telegram: TelegramServer, markup: Any):
    assert send(telegram.url, reply_markup=markup)[0] == 200


@pytest.mark.parametrize("markup", [{"remove_keyboard": True}, {"keyboard": [["x"]]}, {"force_reply": True}])
def test_a_channel_takes_inline_keyboards_only(telegram: TelegramServer, markup: Any):
    post = message(-1001234567890, chat_type="channel", text="a post")
    telegram.deliver(TOKEN, {"update_id": None, "channel_post": post})
    assert refusal(telegram.url, chat_id=-1001234567890, reply_markup=markup) == "inline keyboard expected"
    assert send(telegram.url, chat_id=-1001234567890, reply_markup=inline(BUTTON))[0] == 200


def test_an_inline_keyboard_comes_back_with_the_message(telegram: TelegramServer):
    assert send(telegram.url, reply_markup=inline(BUTTON))[1]["result"]["reply_markup"] == inline(BUTTON)
    assert "reply_markup" not in send(telegram.url, reply_markup={"keyboard": [["x"]]})[1]["result"]


def test_typing_is_taken(telegram: TelegramServer):
    assert call(telegram.url, "sendChatAction", chat_id=7, action="typing") == (200, {"ok": True, "result": True})
    assert call(telegram.url, "sendChatAction", chat_id=403403, action="typing")[0] == 403
