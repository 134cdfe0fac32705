"""Constraints that the database itself keeps, and the documented names for one provider's rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CharField, TextField

from permabots.models import (
    CallbackData,
    ChatState,
    Contact,
    Conversation,
    EnvironmentVar,
    Handler,
    HeaderParam,
    Hook,
    InboundMessage,
    IntegrationBot,
    KikBot,
    MessengerBot,
    Notification,
    OutboundMessage,
    Recipient,
    Request,
    Response,
    State,
    TelegramBot,
    TelegramChatState,
    TelegramRecipient,
    TelegramUpdate,
    TelegramUser,
    UrlParam,
)
from permabots.models.bot import WebhookSecret
from permabots.models.fields import Provided
from permabots.serializers.integration import credential_columns
from tests.factories import make_bot, make_conversation, make_handler, make_inbound, make_outbound, make_telegram

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def _hook() -> Hook:
    return Hook.objects.create(bot=make_bot(), name="n", response=Response.objects.create(text_template="t"))


def _twice(make: Callable[[], object]) -> None:
    make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_variable_key_is_unique_in_a_bot() -> None:
    bot = make_bot()
    _twice(lambda: EnvironmentVar.objects.create(bot=bot, key="k", value="v"))


@pytest.mark.parametrize("model", [UrlParam, HeaderParam])
def test_parameter_key_is_unique_in_a_request(model: type[UrlParam]) -> None:
    request = Request.objects.create(url_template="http://x/")
    _twice(lambda: model.objects.create(request=request, key="k", value_template="v"))


def test_recipient_is_unique_in_a_hook() -> None:
    hook = _hook()
    _twice(lambda: Recipient.objects.create(hook=hook, provider="telegram", chat_id="1", name="a"))


def test_conversation_is_unique() -> None:
    bot = make_bot()
    _twice(lambda: make_conversation(bot, "1"))


def test_inbound_id_is_unique_in_an_integration() -> None:
    talk = make_conversation()
    _twice(lambda: make_inbound(talk, 1))


def test_same_inbound_id_of_two_integrations_is_two_messages() -> None:
    make_inbound(make_conversation(), 1)
    make_inbound(make_conversation(), 1)
    assert InboundMessage.objects.count() == 2


def test_idempotency_key_is_unique_in_a_hook() -> None:
    hook = _hook()
    _twice(lambda: Notification.objects.create(bot=hook.bot, hook=hook, idempotency_key="k"))


def test_notifications_without_a_key_are_not_doubles() -> None:
    hook = _hook()
    for _ in range(2):
        Notification.objects.create(bot=hook.bot, hook=hook)
    assert Notification.objects.count() == 2


def test_one_account_serves_one_bot() -> None:
    row = make_telegram()
    with pytest.raises(IntegrityError):
        make_telegram(token=row.token)


def test_chat_state_is_unique_in_a_conversation() -> None:
    talk = make_conversation()
    state = State.objects.create(bot=talk.bot, name="s")
    _twice(lambda: ChatState.objects.create(conversation=talk, provider="telegram", state=state))


def test_callback_token_is_unique_in_a_bot() -> None:
    bot = make_bot()
    _twice(lambda: CallbackData.objects.create(bot=bot, token="t", data="d"))


def test_contact_is_unique_at_its_provider() -> None:
    _twice(lambda: Contact.objects.create(provider="telegram", external_id="1"))


def test_outgoing_row_belongs_to_one_group() -> None:
    talk = make_conversation()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_outbound(talk)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_outbound(talk, inbound=make_inbound(talk, 1), notification=Notification.objects.create(bot=talk.bot))


def test_deleting_a_handler_deletes_its_request_and_response() -> None:
    handler = make_handler(make_bot(), request={"url_template": "http://x/"})
    handler.delete()
    assert not Request.objects.exists()
    assert not Response.objects.exists()


def test_deleting_a_hook_deletes_its_response() -> None:
    _hook().delete()
    assert not Response.objects.exists()


def test_deleting_a_bot_marks_its_accounts_for_removal() -> None:
    row = make_telegram()
    row.bot.delete()
    row = TelegramBot.objects.get(pk=row.pk)
    assert (row.status, row.account) == ("removing", None)


def test_handlers_are_tried_by_descending_priority_then_oldest_first() -> None:
    bot = make_bot()
    for name, priority in (("first", 0), ("second", 0), ("high", 9), ("low", -3)):
        handler = make_handler(bot, priority=priority)
        Handler.objects.filter(pk=handler.pk).update(name=name)
    assert [handler.name for handler in bot.definition().handlers] == ["high", "first", "second", "low"]


def test_definition_takes_the_same_queries_for_one_handler_and_for_twenty(
    django_assert_num_queries: Callable[[int], object],
) -> None:
    bot = make_bot()
    make_handler(bot, request={"url_template": "http://x/"}, source_states=["a"])
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        bot.definition()
    for number in range(20):
        make_handler(bot, request={"url_template": "http://x/"}, source_states=[f"s{number}"])
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        bot.definition()


def test_proxy_shows_its_provider_only() -> None:
    Contact.objects.create(provider="kik", external_id="1")
    mine = Contact.objects.create(provider="telegram", external_id="1")
    assert [row.pk for row in TelegramUser.objects.all()] == [mine.pk]


def test_proxy_sets_its_provider() -> None:
    row = TelegramRecipient.objects.create(hook=_hook(), chat_id="1", name="a")
    assert row.provider == "telegram"
    assert TelegramRecipient.objects.get_or_create(hook=row.hook, chat_id="1", name="a")[1] is False


def test_proxy_refuses_a_row_of_another_provider() -> None:
    row = TelegramRecipient(hook=_hook(), chat_id="1", name="a", provider="kik")
    with pytest.raises(ValueError, match="is for telegram, not kik"):
        row.save()


def test_proxies_know_what_the_original_called_things() -> None:
    talk = make_conversation(chat_id="5", user_id="6")
    make_inbound(talk, 17)
    state = State.objects.create(bot=talk.bot, name="s")
    row = TelegramChatState.objects.create(conversation=talk, state=state)
    assert (row.chat, row.user) == ("5", "6")
    assert TelegramUpdate.objects.get().update_id == 17


def test_hook_finds_its_recipients_by_provider() -> None:
    hook = _hook()
    for provider in ("telegram", "kik", "messenger", "web"):
        Recipient.objects.create(hook=hook, provider=provider, chat_id="1", name=provider, user_id="joe")
    assert [row.name for row in hook.telegram_recipients] == ["telegram"]
    assert [row.username for row in hook.kik_recipients] == ["joe"]
    assert [row.name for row in hook.messenger_recipients] == ["messenger"]
    assert [row.name for row in hook.web_recipients] == ["web"]


def test_hook_key_has_22_characters_and_is_kept_when_given() -> None:
    hook = _hook()
    assert len(hook.key) == 22
    given = Hook.objects.create(bot=hook.bot, name="n", key="KEY1", response=Response.objects.create(text_template="t"))
    assert given.key == "KEY1"


def test_no_secret_shows_in_a_text_or_repr() -> None:
    row = make_telegram(token="77:very-secret")
    assert "very-secret" not in f"{row} {row!r} {row.bot!r}"


def test_conversation_of_a_deleted_bot_goes_with_it() -> None:
    talk = make_conversation()
    make_outbound(talk, inbound=make_inbound(talk, 1))
    talk.bot.delete()
    assert not Conversation.objects.exists()


def test_every_column_that_a_provider_fills_takes_whatever_it_says() -> None:
    """What a database refuses would be delivered, or sent, again and again."""
    secrets = {field.name for field in WebhookSecret._meta.get_fields()}
    own = {"provider", "status", "kind", "webhook_url", *secrets}
    columns = {
        f"{table.__name__}.{field.name}": field
        for table in (Contact, Conversation, InboundMessage, OutboundMessage, TelegramBot, KikBot, MessengerBot)
        for field in table._meta.concrete_fields
        if isinstance(field, CharField | TextField)
        and field.name not in own
        and not (issubclass(table, IntegrationBot) and field.name in credential_columns(table))
    }
    assert {"Contact.external_id", "OutboundMessage.error", "TelegramBot.account"} <= columns.keys()
    assert [name for name, field in columns.items() if not isinstance(field, Provided)] == []
