"""What a messenger refuses for what it says ends in no silence: it goes again once, in words only, and never twice."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, ChatState, InboundMessage, OutboundMessage
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import Fault, FaultKind, TelegramServer, callback_update, text_update
from permabots.testing.updates import message
from tests.api.conftest import Api
from tests.factories import make_handler
from tests.pipeline.notifying import deliver, post
from tests.pipeline.talking import arrive, drain, say, statuses
from tests.pipeline.talking import bot as bot
from tests.pipeline.test_integrations import TOKEN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

CHANNEL = -1001234567890


def refuse(words: str = "Bad Request: BUTTON_URL_INVALID", **values: Any) -> Fault:
    return Fault(
        FaultKind.REFUSE, **{"method": "sendMessage", "status": 400, "description": words, "count": 1, **values}
    )


@pytest.fixture(autouse=True)
def _a_handler(bot: Bot) -> None:
    keyboard = "[[('shop', 'https://shop.example/'), 'no']]"
    make_handler(bot, "^hello$", "<b>one</b>\\ntwo &amp; more", keyboard=keyboard, target_state="greeted")


def drain_all(bot: Bot, talk: Any) -> None:
    while drain(talk) is not None:
        pass


def test_it_is_sent_again_in_words_only_and_in_its_place(bot: Bot, telegram: TelegramServer) -> None:
    telegram.add_fault(refuse(after=1))
    talk = say(bot, "hello")
    assert drain(talk) == 0.0
    assert statuses(OutboundMessage) == ["sent", "pending"]
    drain_all(bot, talk)
    assert telegram.texts(7) == ["one", "two & more\nshop: https://shop.example/\nno"]
    assert statuses(OutboundMessage) == ["sent", "sent"]
    row = OutboundMessage.objects.latest("pk")
    assert row.attempts == 2
    assert row.error == "refused as it was, and sent in its plainest form: Bad Request: BUTTON_URL_INVALID"
    told = InboundMessage.objects.get()
    assert (told.status, ChatState.objects.get().state.name) == ("done", "greeted")
    assert told.trace["notes"] == [f"outgoing message {row.pk} was refused as it was: it is sent in its plainest form"]


def test_what_comes_later_waits_until_it_is_out(bot: Bot, telegram: TelegramServer) -> None:
    telegram.add_fault(refuse())
    talk = say(bot, "hello", 1)
    say(bot, "hello", 2)
    drain_all(bot, talk)
    assert [text.partition("\n")[0] for text in telegram.texts(7)] == ["one", "two & more", "one", "two & more"]


def test_what_is_refused_in_words_too_is_parked_with_the_reason(bot: Bot, telegram: TelegramServer) -> None:
    telegram.add_fault(refuse(count=2))
    drain_all(bot, say(bot, "hello"))
    assert statuses(OutboundMessage) == ["parked", "sent"]
    row = OutboundMessage.objects.earliest("pk")
    assert (row.attempts, row.error) == (2, "ContentRefused: Bad Request: BUTTON_URL_INVALID")


def test_it_is_simplified_once_whatever_happens_in_between(bot: Bot, telegram: TelegramServer) -> None:
    telegram.add_fault(refuse())
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=0, count=1))
    telegram.add_fault(refuse("Bad Request: again"))
    drain_all(bot, say(bot, "hello"))
    assert statuses(OutboundMessage) == ["parked", "sent"]
    assert [call.method for call in telegram.calls()].count("sendMessage") == 4


@pytest.mark.parametrize("words", ["Bad Request: chat not found", "Forbidden: bot was blocked by the user"])
def test_who_is_gone_is_not_written_to_again(bot: Bot, telegram: TelegramServer, words: str) -> None:
    telegram.add_fault(refuse(words, status=403 if words[0] == "F" else 400, count=2))
    drain_all(bot, say(bot, "hello"))
    assert statuses(OutboundMessage) == ["parked", "parked"]
    assert len(telegram.calls()) == len([call for call in telegram.calls() if call.method != "sendMessage"]) + 2


@pytest.mark.parametrize("url", ["http://shop/sizes", "https://", "https://e.xy:99999/"])
def test_a_button_that_telegram_refuses_keeps_nobody_from_reading(bot: Bot, telegram: TelegramServer, url: str) -> None:
    make_handler(bot, "^go$", "Sizes:", keyboard=f"[[('Sizes', '{url}'), ('Shop', 'https://shop.example/')]]")
    drain_all(bot, say(bot, "go"))
    (sent,) = telegram.messages(7)
    assert sent["reply_markup"]["inline_keyboard"] == [
        [{"text": "Sizes", "callback_data": url}, {"text": "Shop", "url": "https://shop.example/"}]
    ]
    assert (statuses(OutboundMessage), OutboundMessage.objects.get().attempts) == (["sent"], 1)
    assert InboundMessage.objects.get().trace["notes"] == [
        "no button of Telegram can open the address of button 1: pressed, it answers with its address"
    ]


def test_a_keyboard_over_a_limit_is_sent_whole(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^all$", "Pick", keyboard="[{% for n in range(150) %}['{{ n }}'],{% endfor %}]")
    drain_all(bot, say(bot, "all"))
    rows = [row for it in telegram.messages(7) for row in it["reply_markup"]["inline_keyboard"]]
    assert [button["text"] for row in rows for button in row] == [str(n) for n in range(150)]
    assert statuses(OutboundMessage) == ["sent", "sent"]


def test_a_text_that_nobody_sees_sends_nothing_and_says_so(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^blank$", "\u200b", keyboard="[['a']]")
    drain_all(bot, say(bot, "blank"))
    assert telegram.sent() == []
    assert InboundMessage.objects.get().trace["notes"] == [
        "nothing of the text can be seen on Telegram: nothing is sent"
    ]


def test_a_hook_tells_a_channel_without_a_reply_keyboard(bot: Bot, telegram: TelegramServer) -> None:
    channel = message(CHANNEL, chat_type="channel", text="a post")
    telegram.deliver(TOKEN, {"update_id": None, "channel_post": channel})
    hook = create_hook(bot, {"name": "news", "key": "KEY2", "response": {"text_template": "News"}})
    hook.recipients.create(provider="telegram", chat_id=str(CHANNEL), name="channel")
    post(hook, {})
    deliver()
    assert [it["text"] for it in telegram.messages(CHANNEL)] == ["News"]
    assert statuses(OutboundMessage) == ["sent"]


def test_a_press_under_a_post_of_a_channel_is_answered_in_private(bot: Bot, telegram: TelegramServer) -> None:
    under = message(CHANNEL, chat_type="channel", message_id=9, text="a post")
    drain_all(bot, arrive(bot, callback_update(1, CHANNEL, "hello", under=under, user=7, callback_id="q1")))
    assert (telegram.messages(CHANNEL), telegram.texts(7)[0]) == ([], "one")


def test_all_parts_of_an_answer_stay_in_the_topic(bot: Bot, telegram: TelegramServer) -> None:
    update = text_update(1, CHANNEL, "hello", user=7, message_id=5, message_thread_id=77, is_topic_message=True)
    telegram.deliver(TOKEN, update)
    drain_all(bot, arrive(bot, update))
    assert [it.get("message_thread_id") for it in telegram.messages(CHANNEL)] == [77, 77]
    replied = text_update(2, CHANNEL, "hello", user=7, message_id=60, message_thread_id=5)  # in General
    drain_all(bot, arrive(bot, replied))
    assert [it.get("message_thread_id") for it in telegram.messages(CHANNEL)[2:]] == [None, None]


def test_an_answer_to_a_topic_that_is_gone_is_not_lost(bot: Bot, telegram: TelegramServer) -> None:
    update = text_update(1, CHANNEL, "hello", user=7, message_id=5, message_thread_id=77, is_topic_message=True)
    drain_all(bot, arrive(bot, update))
    first, second = telegram.messages(CHANNEL)
    assert (first["text"], first["entities"][0]["type"], second["text"]) == ("one", "bold", "two & more")
    first_row, second_row = OutboundMessage.objects.order_by("part")
    words = "refused for its topic, and sent to the whole chat: Bad Request: message thread not found"
    assert [(row.status, row.error) for row in (first_row, second_row)] == [("sent", words)] * 2
    assert InboundMessage.objects.get().trace["notes"] == [
        f"outgoing message {row.pk} was refused for its topic: it is sent to the whole chat"
        for row in (first_row, second_row)
    ]


def test_an_answer_refused_for_its_topic_and_for_what_it_says_is_not_lost(bot: Bot, telegram: TelegramServer) -> None:
    telegram.add_fault(refuse(after=1))
    update = text_update(1, CHANNEL, "hello", user=7, message_id=5, message_thread_id=77, is_topic_message=True)
    drain_all(bot, arrive(bot, update))
    assert statuses(OutboundMessage) == ["sent", "sent"]
    assert [it["text"] for it in telegram.messages(CHANNEL)] == ["one", "two & more"]


def fall_back(bot: Bot, text: str = "Sorry <&>") -> None:
    assert Api(bot.owner)("PATCH", f"bots/{bot.pk}/", {"fallback_text": text}).status_code == 200


def test_what_is_refused_in_every_form_is_replaced_by_the_fallback_text(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    telegram.add_fault(refuse(count=2))
    drain_all(bot, say(bot, "hello"))
    assert [text.partition("\n")[0] for text in telegram.texts(7)] == ["Sorry <&>", "two & more"]
    row = OutboundMessage.objects.earliest("pk")
    reason = "refused in every form, and the bot's fallback text is sent in its place: Bad Request: BUTTON_URL_INVALID"
    assert (row.status, row.attempts, row.error) == ("sent", 3, reason)
    assert InboundMessage.objects.get().trace["notes"] == [
        f"outgoing message {row.pk} was refused as it was: it is sent in its plainest form",
        f"outgoing message {row.pk} was refused in every form: the bot's fallback text is sent in its place",
    ]


def test_the_fallback_text_is_said_once_for_an_answer(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    telegram.add_fault(refuse(count=2))
    telegram.add_fault(refuse("Bad Request: again", count=2, after=1))
    drain_all(bot, say(bot, "hello"))
    assert (telegram.texts(7), statuses(OutboundMessage)) == (["Sorry <&>"], ["sent", "parked"])


def test_a_fallback_text_that_is_refused_is_parked(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    make_handler(bot, "^bad$", "{{ 1 / (pattern.n|int) }}")
    telegram.add_fault(refuse(count=99))
    talk = say(bot, "hello")
    drain_all(bot, talk)
    say(bot, "bad", 2)
    drain_all(bot, talk)
    assert (telegram.texts(7), statuses(OutboundMessage)) == ([], ["parked"] * 3)
    assert [call.method for call in telegram.calls()].count("sendMessage") == 3 + 2 + 2
