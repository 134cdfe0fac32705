"""What Telegram posts to us."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.exceptions import MalformedWebhook, WebhookRejected
from permabots.providers.telegram.provider import Telegram
from permabots.values import Identity, Inbound, Json, Kind, Sender, WebhookRequest
from tests.providers import fixtures

SECRETS = {"webhook_secret": "present", "previous_webhook_secret": "previous"}
OURS = Identity("7000000001", "shop_helper_bot")
TELEGRAM = Telegram()


def parsed(update: Json, identity: Identity = OURS) -> Inbound:
    (event,) = TELEGRAM.parse(WebhookRequest(json.dumps(update).encode()), identity)
    return event


def changed(name: str, path: str, value: Json) -> Json:
    """Return a fixture with one value changed, or taken out where it is `...`."""
    update = copy.deepcopy(fixtures.content("telegram", name))
    *parents, last = path.split(".")
    target = update
    for parent in parents:
        target = target[parent]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return update


@pytest.mark.parametrize("presented", ["present", "previous"])
def test_either_stored_secret_is_taken(presented: str) -> None:
    TELEGRAM.verify(WebhookRequest(b"{}", {"x-telegram-bot-api-secret-token": presented}), SECRETS)


@pytest.mark.parametrize(
    ("headers", "stored"),
    [
        ({}, SECRETS),
        ({"x-telegram-bot-api-secret-token": ""}, SECRETS),
        ({"x-telegram-bot-api-secret-token": "wrong"}, SECRETS),
        ({"x-telegram-bot-api-secret-token": "prevüous\udcff"}, SECRETS),
        ({"x-telegram-bot-api-secret-token": ""}, {"webhook_secret": "present", "previous_webhook_secret": ""}),
        ({"x-telegram-bot-api-secret-token": ""}, {"webhook_secret": "", "previous_webhook_secret": ""}),
        ({}, {}),
    ],
)
def test_a_call_that_proves_nothing_is_rejected_without_showing_a_secret(
    headers: dict[str, str], stored: dict[str, str]
) -> None:
    with pytest.raises(WebhookRejected) as caught:
        TELEGRAM.verify(WebhookRequest(b"{}", headers), stored)
    assert caught.value.status == 403
    assert "present" not in str(caught.value)
    assert "wrong" not in str(caught.value).replace("missing or wrong", "")


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"7", b"update_id=1&message=x", b'{"update_id": NaN}'])
def test_a_body_that_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook) as caught:
        TELEGRAM.parse(WebhookRequest(body), OURS)
    assert caught.value.status == 400


@pytest.mark.parametrize("name", fixtures.webhooks("telegram"))
def test_an_update_is_read_as_expected_and_kept(name: str) -> None:
    event = parsed(fixtures.content("telegram", name))
    (expected,) = fixtures.content("telegram", f"{name}.expected")
    assert {**asdict(event), "raw": None} == {**expected, "raw": None, "account": ""}
    assert event.raw == fixtures.content("telegram", name)


@pytest.mark.parametrize(
    ("text", "username", "seen"),
    [
        ("  hello ", "shop_helper_bot", "hello"),
        ("", "shop_helper_bot", ""),
        ("/start@shop_helper_bot", "shop_helper_bot", "/start"),
        ("/start@SHOP_helper_bot payload", "shop_helper_bot", "/start payload"),
        ("/start@shop_helper_bot\nmore", "Shop_Helper_Bot", "/start\nmore"),
        ("/start@shop_helper_bot", "", "/start@shop_helper_bot"),
        ("/start@shop_helper_bot, please", "shop_helper_bot", "/start, please"),
        ("@Shop_helper_bot menu", "shop_helper_bot", "menu"),
        ("@shop_helper_bot, menu", "shop_helper_bot", "menu"),
        ("@shop_helper_bot: /menu", "shop_helper_bot", "/menu"),
        ("@shop_helper_bot", "shop_helper_bot", "@shop_helper_bot"),
        ("@shop_helper_bot2 menu", "shop_helper_bot", "@shop_helper_bot2 menu"),
        ("@other_bot, menu", "shop_helper_bot", "@other_bot, menu"),
        ("ask @shop_helper_bot menu", "shop_helper_bot", "ask @shop_helper_bot menu"),
        ("@shop_helper_bot menu", "", "@shop_helper_bot menu"),
        ("/start@shop_helper_bot.", "shop_helper_bot", "/start."),
        ("/start@shop_helper_bot.example", "shop_helper_bot", "/start@shop_helper_bot.example"),
        ("write to /start@shop_helper_bot", "shop_helper_bot", "write to /start@shop_helper_bot"),
        ("/start payload@other_bot", "shop_helper_bot", "/start payload@other_bot"),
    ],
)
def test_a_command_loses_our_name_and_a_text_its_outer_blanks(text: str, username: str, seen: str) -> None:
    event = parsed(changed("text", "message.text", text), Identity("7000000001", username))
    assert (event.kind, event.text) == (Kind.TEXT, seen)


@pytest.mark.parametrize(
    "text",
    ["/start@other_bot", "/start@other_bot, please", "/start@other_bot.", "/help@other_bot: x", "/a@b/c"],
)
def test_a_command_for_another_bot_is_ignored_without_marks_too(text: str) -> None:
    event = parsed(changed("text", "message.text", text))
    assert (event.kind, event.reason) == (Kind.IGNORED, "a command for another bot")


@pytest.mark.parametrize(
    "marks",
    [[], [{"type": "bold", "offset": 0, "length": 3}], [{"type": "bot_command", "offset": 4, "length": 6}], ["odd"]],
)
def test_what_telegram_did_not_mark_as_a_command_is_text(marks: list[Json]) -> None:
    update = changed("group_command_other_bot", "message.entities", marks)
    assert parsed(update).text == "/start@other_bot"


def test_a_supergroup_keeps_its_negative_id_and_the_person_theirs() -> None:
    event = parsed(fixtures.content("telegram", "group_mention"))
    assert (event.chat_id, event.user_id) == ("-1001998877665", "51234567")
    assert event.sender == Sender("51234567", "mara_o", "Mara", "Okafor")


TOPIC = {"message_thread_id": 77, "is_topic_message": True}


@pytest.mark.parametrize(
    ("marks", "topic"),
    [
        (TOPIC, "77"),
        ({"message_thread_id": 77}, ""),  # a thread of replies, in General too
        ({**TOPIC, "is_topic_message": False}, ""),
        ({**TOPIC, "message_thread_id": "77"}, ""),
        ({}, ""),
    ],
)
def test_the_topic_of_a_message_is_a_forums(marks: dict[str, Json], topic: str) -> None:
    written = fixtures.content("telegram", "group_mention")
    written["message"] |= marks
    pressed = fixtures.content("telegram", "callback_query")
    pressed["callback_query"]["message"] |= marks
    assert [Telegram().topic_of(parsed(update)) for update in (written, pressed)] == [topic] * 2


def test_pressed_data_is_not_trimmed() -> None:
    assert parsed(changed("callback_query", "callback_query.data", " size:l ")).text == " size:l "


@pytest.mark.parametrize(
    ("name", "path", "value", "reason"),
    [
        ("text", "update_id", ..., "an update without update_id"),
        ("text", "update_id", "910000001", "an update without update_id"),
        ("text", "update_id", True, "an update without update_id"),
        ("text", "update_id", 2**70, "an update without update_id"),
        ("text", "message", ..., "an update without content"),
        ("text", "message", "text", "an update without content"),
        ("text", "message", {}, "a message without text"),
        ("text", "message.text", None, "a message without text"),
        ("text", "message.text", 7, "a message without text"),
        ("text", "message.from", ..., "written by nobody"),
        ("text", "message.from", {"id": True}, "written by nobody"),
        ("text", "message.from", [], "written by nobody"),
        ("text", "message.chat", ..., "a message without chat, message_id or date"),
        ("text", "message.chat.id", "7", "a message without chat, message_id or date"),
        ("text", "message.message_id", False, "a message without chat, message_id or date"),
        ("text", "message.date", ..., "a message without chat, message_id or date"),
        ("text", "message.date", 10**15, "a message without chat, message_id or date"),
        ("text", "message.migrate_from_chat_id", -1, "the group became a supergroup"),
        ("callback_query", "callback_query.id", ..., "a pressed button without id"),
        ("callback_query", "callback_query.id", 7, "a pressed button without id"),
        ("callback_query", "callback_query.data", 7, "a pressed button without data"),
        ("callback_query", "callback_query.from", ..., "written by nobody"),
        ("callback_query", "callback_query.message", "odd", "a pressed button without chat"),
        ("callback_query", "callback_query.message.chat", {}, "a pressed button without chat"),
    ],
)
def test_an_authentic_update_that_is_not_as_expected_is_ignored_with_its_reason(
    name: str, path: str, value: Json, reason: str
) -> None:
    event = parsed(changed(name, path, value))
    assert (event.kind, event.text, event.reason) == (Kind.IGNORED, None, reason)


def test_an_update_without_id_is_known_by_its_bytes() -> None:
    first, again, other = parsed({}), parsed({}), parsed({"a": 1})
    assert first.external_id == again.external_id != other.external_id
    assert first.external_id.startswith("sha256:")
    assert first.provider_sequence == 0


def test_a_press_whose_message_has_no_usable_id_quotes_nothing() -> None:
    event = parsed(changed("callback_query", "callback_query.message.message_id", "x"))
    assert (event.kind, event.reply_to) == (Kind.BUTTON, "")


def test_characters_that_a_database_refuses_are_replaced_everywhere() -> None:
    event = parsed(changed("text", "message.text", "a\x00b\ud83d"))
    assert event.text == "a\ufffdb\ufffd" == event.raw["message"]["text"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    ("text", path)
    for path in ("update_id", "message", "message.from", "message.from.id", "message.chat", "message.chat.id")
] + [
    ("start", path) for path in ("message.text", "message.entities", "message.date", "message.message_id")
] + [
    ("callback_query", f"callback_query{path}")
    for path in ("", ".id", ".from", ".from.id", ".data", ".message", ".message.chat", ".message.date")
]  # fmt: skip


@given(st.sampled_from(PATHS), JSON)
def test_no_value_anywhere_is_an_error(place: tuple[str, str], value: Json) -> None:
    event = parsed(changed(*place, value))
    assert (event.kind is Kind.IGNORED) == bool(event.reason) == (event.text is None)
    if event.kind is not Kind.IGNORED:
        assert event.chat_id
        assert event.user_id
        TELEGRAM.message_context(event)


@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", "poll", "x"]), JSON))
def test_no_object_is_an_error(update: dict[str, Json]) -> None:
    assert parsed(update).external_id
