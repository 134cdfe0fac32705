"""Taking messages in by HTTP: what is said 200 to is on disk, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client

from permabots.models import Conversation, InboundMessage, TelegramBot
from permabots.testing import callback_update, edited_update
from permabots.testing import text_update as unnumbered
from tests.factories import at_large, make_account, make_bot, make_telegram

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def text_update(update_id: int, chat_id: int, text: str, **fields: Any) -> dict[str, Any]:
    return unnumbered(update_id, chat_id, text, **{"message_id": 1000 + update_id, **fields})


def post(row: TelegramBot | str, update: Any, *secrets: str | None) -> Any:
    """Post as Telegram does, with the row's own secret where no other is given."""
    (secret,) = secrets or (getattr(row, "webhook_secret", ""),)
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    body = update if isinstance(update, str) else json.dumps(update)
    hook_id = getattr(row, "pk", row)
    return Client().post(f"/processing/telegrambot/{hook_id}/", body, "application/json", headers=headers)


def test_a_body_that_is_too_large_is_refused_in_words() -> None:
    answer = post(make_telegram(), text_update(1, 7, "x" * 3_000_000))
    assert (answer.status_code, answer.json()) == (413, {"detail": "The body is larger than 2621440 bytes."})
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("slug", ["telegram", "kik", "messenger"])
@pytest.mark.parametrize(
    ("query", "body", "status"), [("&".join(f"a{n}=1" for n in range(2000)), "{}", 400), ("", "x" * 3_000_000, 413)]
)
def test_more_than_django_reads_is_refused_in_json(slug: str, method: str, query: str, body: str, status: int) -> None:
    path = f"/processing/{slug}bot/{make_account(make_bot(), slug).pk}/?{query}"
    answer = Client().generic(method, path, body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json()["detail"]


def test_a_message_is_stored_and_answered_200_with_an_empty_object() -> None:
    row = make_telegram()
    answer = post(row, text_update(1, 7, "hello", message_id=55))
    assert (answer.status_code, answer.json()) == (200, {})
    message = InboundMessage.objects.get()
    assert (message.external_id, message.provider_sequence, message.kind, message.text) == ("1", 1, "text", "hello")
    assert (message.status, message.reply_to, message.integration_id) == ("pending", "55", row.pk)
    assert (message.conversation.chat_id, message.conversation.user_id) == ("7", "7")
    assert message.raw["message"]["text"] == "hello"


def test_the_same_update_again_is_stored_once_and_answered_200() -> None:
    row = make_telegram()
    assert [post(row, text_update(1, 7, "hello")).status_code for _ in range(3)] == [200, 200, 200]
    assert InboundMessage.objects.count() == 1


def test_two_people_in_a_group_have_two_conversations() -> None:
    row = make_telegram()
    post(row, text_update(1, -100, "hello", user=1))
    post(row, text_update(2, -100, "hello", user=2))
    assert sorted(Conversation.objects.values_list("chat_id", "user_id")) == [("-100", "1"), ("-100", "2")]


@pytest.mark.parametrize(
    "update",
    [
        edited_update(1, 7, "hello", message_id=5),
        {"update_id": 1, "inline_query": {"id": "9", "from": {"id": 7}, "query": "x", "offset": ""}},
        {"update_id": 1, "poll": {"id": "1"}},
        {"update_id": 1},
        {},
        {"update_id": "x", "message": 5},
    ],
)
def test_what_is_not_for_a_handler_is_stored_as_ignored(update: Any) -> None:
    row = make_telegram()
    assert post(row, update).status_code == 200
    message = InboundMessage.objects.get()
    assert (message.status, message.kind) == ("ignored", "ignored")
    assert message.error


def test_a_text_with_characters_that_no_database_takes_is_stored() -> None:
    row = make_telegram()
    body = json.dumps(text_update(1, 7, "a\x00b\ud83dc"))
    assert post(row, body).status_code == 200
    assert InboundMessage.objects.get().text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_a_wrong_secret_is_refused_and_nothing_is_stored(secret: str | None) -> None:
    assert post(make_telegram(), text_update(1, 7, "hello"), secret).status_code == 403
    assert not InboundMessage.objects.exists()


def test_an_account_without_a_webhook_takes_nothing() -> None:
    row = TelegramBot.objects.create(token="1:a")
    bot = make_bot()
    bot.telegram_bot = row
    bot.save()
    assert post(row, text_update(1, 7, "hello"), "").status_code == 403


def test_the_previous_secret_is_taken_while_updates_with_it_are_on_their_way() -> None:
    row = make_telegram()
    before = row.webhook_secret
    with at_large():
        row.connect()
    assert row.webhook_secret != before
    assert post(row, text_update(1, 7, "hello"), before).status_code == 200


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "a=b"])
def test_what_is_no_json_object_is_400(body: str) -> None:
    assert post(make_telegram(), body).status_code == 400
    assert not InboundMessage.objects.exists()


def test_an_unknown_account_is_404() -> None:
    answer = post(str(uuid4()), text_update(1, 7, "hello"))
    assert (answer.status_code, answer.json()) == (404, {})


def test_an_account_that_is_being_connected_is_told_to_come_again() -> None:
    row = TelegramBot.objects.create(token="1:a")
    with at_large():
        row.connect()
    answer = post(row, text_update(1, 7, "hello"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_disabled_account_stores_as_ignored() -> None:
    row = make_telegram(enabled=False)
    assert post(row, text_update(1, 7, "hello")).status_code == 200
    message = InboundMessage.objects.get()
    assert (message.status, message.error) == ("ignored", "the integration is disabled")


@pytest.mark.django_db(transaction=True)
def test_disabling_an_account_is_seen_by_the_next_webhook() -> None:
    row = make_telegram()
    post(row, text_update(1, 7, "hello"))
    row.enabled = False
    row.save()
    post(row, text_update(2, 7, "hello"))
    assert list(InboundMessage.objects.values_list("status", flat=True)) == ["pending", "ignored"]


def test_a_method_that_is_neither_get_nor_post_is_405() -> None:
    assert Client().put(f"/processing/telegrambot/{make_telegram().pk}/").status_code == 405


def test_telegram_makes_no_handshake() -> None:
    assert Client().get(f"/processing/telegrambot/{make_telegram().pk}/").status_code == 403


def test_no_authentication_is_asked_of_a_provider() -> None:
    row = make_telegram()
    headers = {"X-Telegram-Bot-Api-Secret-Token": row.webhook_secret, "Authorization": "Token nonsense"}
    body = json.dumps(text_update(1, 7, "hello"))
    answer = Client().post(f"/processing/telegrambot/{row.pk}/", body, "application/json", headers=headers)
    assert answer.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_was_deleted_but_is_still_cached_is_made_again() -> None:
    row = make_telegram()
    post(row, text_update(1, 7, "hello"))
    Conversation.objects.all().delete()
    assert post(row, text_update(2, 7, "hello")).status_code == 200
    assert InboundMessage.objects.get().external_id == "2"


@pytest.mark.usefixtures("_empty_cache")
def test_a_webhook_reads_its_account_and_stores_in_one_statement(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    row = make_telegram()
    post(row, text_update(1, 7, "hello"))
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 3) as queries:
        post(row, text_update(2, 7, "hello"))
    words = ["SELECT", "WITH"] if connection.vendor == "postgresql" else ["SAVEPOINT", "INSERT", "RELEASE"]
    assert [query["sql"].split()[0] for query in queries] == words


def test_a_database_that_is_away_is_503_and_nothing_is_said_to_be_stored() -> None:
    row = make_telegram()
    post(row, text_update(1, 7, "hello"))

    def away(*_: Any) -> Any:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        answer = post(row, text_update(2, 7, "hello"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert InboundMessage.objects.count() == 1


def test_a_broker_that_is_away_changes_nothing() -> None:
    row = make_telegram()
    with patch("kombu.messaging.Producer.publish", side_effect=ConnectionRefusedError):
        assert post(row, text_update(1, 7, "hello")).status_code == 200
    assert InboundMessage.objects.get().status == "pending"


def test_a_pressed_button_is_stored_as_a_press() -> None:
    row = make_telegram()
    post(row, callback_update(1, 7, "size:l", message_id=55, callback_id="9"))
    message = InboundMessage.objects.get()
    assert (message.kind, message.text, message.reply_to) == ("button", "size:l", "55")


def test_secrets_are_not_in_the_log_of_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    row = make_telegram(bot=make_bot())
    post(row, text_update(1, 7, "hello"), "presented-secret")
    assert caplog.records
    assert "presented-secret" not in caplog.text
    assert row.webhook_secret not in caplog.text
