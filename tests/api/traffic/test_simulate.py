"""Asking what a bot would answer: as in a real turn, but nothing is sent and nothing stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from permabots.models import Bot, CallbackData
from permabots.pipeline.answering import compiled_bots
from permabots.serializers.observing_simulation import QuestionSerializer
from permabots.testing import TelegramServer, UserApiServer
from tests.api.traffic.client import ApiClient
from tests.docs.pages import block, literals, table
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import drain, say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def ask(api: ApiClient, text: str = "hello", **body: Any) -> Any:
    answer = api.post("simulate/", {"text": text, "provider": "telegram", **body})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_the_documented_fields_are_those_that_there_are() -> None:
    told = {name for row in table("api", "simulate-body") for name in literals(row[0])}
    assert told == set(QuestionSerializer().fields)


def test_the_documented_example_is_answered(api: ApiClient, bot: Bot) -> None:
    request = {"url_template": "http://127.0.0.1:9/"}
    make_handler(bot, "weather in (?P<city>.+)", "{{ response.data.degrees }} in {{ pattern.city }}", request=request)
    answer = api.post("simulate/", json.loads(block("api", "simulate-example")))
    assert answer.json()["texts"] == ["21 in Paris"]


def test_the_provider_may_be_called_as_templates_call_it(api: ApiClient, bot: Bot) -> None:
    make_handler(bot, "hello", "{{ service }}")
    assert api.post("simulate/", {"text": "hello", "service": "kik"}).json()["texts"] == ["kik"]


def test_the_whole_answer_is_told(api: ApiClient, bot: Bot) -> None:
    handler = make_handler(
        bot,
        r"^go (?P<n>\d)$",
        r"<b>{{ pattern.n }}</b> {{ service }}\ntwo",
        target_state="Main",
        keyboard="[['yes', ('site', 'https://example.com')]]",
    )
    shown = ask(api, "go 5")
    trace = shown.pop("trace")
    assert trace["handler"] == {"id": str(handler.pk), "name": "handler"}
    buttons = [{"text": "yes", "callback_data": "yes"}, {"text": "site", "url": "https://example.com"}]
    body = {"chat_id": 1, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    quote = {"message_id": 1, "allow_sending_without_reply": True}
    assert shown == {
        "handler": {"id": str(handler.pk), "name": "handler"},
        "state": {"before": None, "after": "Main"},
        "texts": ["<b>5</b> telegram", "two"],
        "keyboard": [
            [
                {"label": "yes", "data": "yes", "url": None},
                {"label": "site", "data": None, "url": "https://example.com"},
            ]
        ],
        "payloads": [
            {
                "method": "sendMessage",
                "body": {**body, "text": "<b>5</b> telegram", "reply_parameters": quote},
                "optional": False,
                "stored_callback_data": {},
            },
            {
                "method": "sendMessage",
                "body": {**body, "text": "two", "reply_markup": {"inline_keyboard": [buttons]}},
                "optional": False,
                "stored_callback_data": {},
            },
        ],
        "contexts": {"_start": {"pattern": {"n": "5"}, "response": {}}},
    }


def test_a_handler_of_a_state_answers_there_with_what_the_chat_kept(api: ApiClient, bot: Bot) -> None:
    make_handler(bot, "^hello$", "{{ state_context.main_menu.pattern.n }}", source_states=["Main Menu"])
    contexts = {"main_menu": {"pattern": {"n": "5"}, "response": {}}}
    assert ask(api)["handler"] is None
    shown = ask(api, state="main menu", contexts=contexts)
    assert shown["texts"] == ["5"]
    assert shown["state"] == {"before": "Main Menu", "after": "Main Menu"}
    assert shown["contexts"] == contexts


def test_a_message_that_nothing_fits_gives_the_reasons(api: ApiClient, bot: Bot) -> None:
    handler = make_handler(bot, "^good bye$")
    shown = ask(api)
    assert (shown["handler"], shown["texts"], shown["payloads"]) == (None, [], [])
    assert shown["trace"]["rejected"] == [{"id": str(handler.pk), "name": "handler", "reason": "pattern"}]


def test_a_template_that_fails_is_told(api: ApiClient, bot: Bot) -> None:
    make_handler(bot, text="{{ 1 / (pattern.zero|int) }}")
    shown = ask(api)
    assert (shown["trace"]["error"]["where"], shown["payloads"]) == ("text", [])


def test_a_press_is_matched_by_its_data_and_acknowledged_first(api: ApiClient, bot: Bot) -> None:
    make_handler(bot, "^size:l$", "{{ message.callback_query.data }}")
    shown = ask(api, "size:l", kind="button")
    assert shown["texts"] == ["size:l"]
    assert [call["method"] for call in shown["payloads"]] == ["answerCallbackQuery", "sendMessage"]


def test_data_too_long_for_a_button_is_shown_beside_its_token(api: ApiClient, bot: Bot) -> None:
    make_handler(bot, keyboard=f"['{'x' * 100}']")
    (call,) = ask(api)["payloads"]
    ((token, data),) = call["stored_callback_data"].items()
    assert data == "x" * 100
    assert call["body"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == token


def test_a_press_of_a_button_with_long_data_is_matched_by_what_the_token_stands_for(
    telegram: TelegramServer, user_api: UserApiServer
) -> None:
    bot = make_bot()
    attach(bot)
    make_handler(bot, "^menu$", keyboard=f"['size:{'x' * 100}']")
    make_handler(bot, "^size:x{100}$", "{{ message.callback_query.data|length }}")
    drain(say(bot, "menu"))
    token = CallbackData.objects.get().token
    assert ask(ApiClient(bot), token, kind="button")["texts"] == ["105"]
    assert ask(ApiClient(bot), token)["handler"] is None


@pytest.mark.parametrize(
    ("ids", "chat", "user"),
    [
        ({}, 1, 1),
        ({"chat": "7"}, 7, 7),
        ({"chat": 7}, 7, 7),
        ({"user": "8"}, 8, 8),
        ({"chat": "-5"}, -5, 1),
        ({"chat": "-5", "user": "8"}, -5, 8),
    ],
)
def test_the_chat_and_the_person_in_it(api: ApiClient, bot: Bot, ids: Any, chat: int, user: int) -> None:
    make_handler(bot, text="{{ message.message.chat.id }} {{ message.message.from_user.id }}")
    shown = ask(api, **ids)
    assert shown["texts"] == [f"{chat} {user}"]
    assert shown["payloads"][0]["body"]["chat_id"] == chat


def test_a_command_is_read_as_the_connected_bot_reads_it(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    make_handler(bot, "^/start x$", "started")
    api = ApiClient(bot)
    assert ask(api, "/start@fake_4242_bot x")["texts"] == ["started"]
    ignored = ask(api, "/start@another_bot x")
    assert (ignored["handler"], ignored["payloads"]) == (None, [])
    assert ignored["trace"] == {"notes": ["the message is ignored: a command for another bot"]}


def test_a_bot_can_be_asked_before_it_is_connected(telegram: TelegramServer) -> None:
    bot = make_bot()
    make_handler(bot)
    assert ask(ApiClient(bot))["texts"] == ["Hi"]


def test_a_change_is_seen_at_once(api: ApiClient, bot: Bot) -> None:
    handler = make_handler(bot)
    assert ask(api)["texts"] == ["Hi"]
    handler.response.text_template = "Hi again"
    handler.response.save()
    assert ask(api)["texts"] == ["Hi again"]
    compiled_bots.forget()
    assert ask(api)["texts"] == ["Hi again"]


def test_half_characters_in_a_context_break_nothing(api: ApiClient, bot: Bot) -> None:
    make_handler(bot)
    assert ask(api, contexts={"a": {"b": "\ud800"}})["contexts"] == {"a": {"b": "�"}}
