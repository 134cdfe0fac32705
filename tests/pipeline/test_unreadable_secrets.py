"""The key of what is stored is gone: nothing is lost, nothing is tried again and again, and it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from permabots import notification_tasks
from permabots.exceptions import SecretUnreadable
from permabots.models import (
    Bot,
    Chat,
    Conversation,
    EnvironmentVar,
    Hook,
    InboundMessage,
    Notification,
    OutboundMessage,
    TelegramBot,
)
from permabots.pipeline.answering import compiled_bots
from permabots.pipeline.authoring import integrations, removals
from permabots.pipeline.operating import backlog, sweep
from permabots.pipeline.receiving import identities
from permabots.testing import TelegramServer, text_update
from tests.factories import fan_out, make_handler
from tests.pipeline.notifying import hook as hook
from tests.pipeline.notifying import post as post_to_hook
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses
from tests.pipeline.test_integrations import TOKEN
from tests.pipeline.test_webhook import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

TEXT = str(SecretUnreadable())


@contextmanager
def without_key(settings: Any) -> Iterator[None]:
    """Processes that have another key than the one by which rows were stored."""
    key, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    compiled_bots.forget()
    yield
    settings.SECRET_KEY = key


def test_a_webhook_is_answered_503_and_taken_once_the_key_is_back(bot: Bot, settings: Any) -> None:
    row = TelegramBot.objects.get()
    secret, update = row.webhook_secret, text_update(1, 7, "hello", message_id=1)
    with without_key(settings):
        answer = post(str(row.pk), update, secret)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert post(str(row.pk), update, secret).status_code == 200
    assert statuses(InboundMessage) == ["pending"]


def test_a_message_whose_bot_has_an_unreadable_variable_waits_uncounted(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    make_handler(bot, "^hello$", "Hi {{ env.name }}")
    EnvironmentVar.objects.create(bot=bot, key="name", value="Ann")
    talk = say(bot, "hello")
    with without_key(settings):
        assert drain(talk) == SecretUnreadable.RETRY_AFTER
        assert drain(talk) is None, "not before its time"
    row = InboundMessage.objects.get()
    assert (row.status, row.attempts, row.error) == ("pending", 0, TEXT)
    Conversation.objects.update(not_before=Now())
    drain(talk)
    assert telegram.texts(7) == ["Hi Ann"]
    assert InboundMessage.objects.get().error == ""


def test_an_answer_whose_account_is_unreadable_waits_unsent_and_is_sent_once(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    make_handler(bot, "^hello$", "Hi")
    talk = say(bot, "hello")
    with without_key(settings):
        assert drain(talk) == SecretUnreadable.RETRY_AFTER
        assert drain(talk) is None, "not before its time"
    assert (statuses(InboundMessage), statuses(OutboundMessage)) == (["done"], ["pending"])
    row = OutboundMessage.objects.get()
    assert (row.attempts, row.error) == (0, TEXT)
    Chat.objects.update(not_before=Now())
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert OutboundMessage.objects.get().error == ""


@pytest.mark.parametrize("kind", ["inbound", "outbound", "notification"])
def test_what_waits_for_a_key_is_as_old_as_it_is_however_often_it_was_tried(
    kind: str, hook: Hook, settings: Any
) -> None:
    make_handler(hook.bot, "^hello$", "Hi")
    if kind != "outbound":
        EnvironmentVar.objects.create(bot=hook.bot, key="name", value="Ann")
    if kind == "notification":
        post_to_hook(hook, {"name": "Bob"})
    talk = say(hook.bot, "hello") if kind != "notification" else None
    with without_key(settings):
        if talk is not None:
            drain(talk)
        else:
            notification_tasks.fan_out(Notification.objects.get().pk)
    hour = timezone.now() - timedelta(hours=1)
    InboundMessage.objects.update(received_at=hour)
    for table in (OutboundMessage, Notification):
        table.objects.update(created_at=hour)
    found = [one for one in backlog.count(by_bot=True) if one.unreadable]
    assert [(one.kind, one.rows, one.unreadable, round(one.seconds, -2)) for one in found] == [(kind, 1, 1, 3600)]
    assert round(backlog.oldest(), -2) == 3600
    out = StringIO()
    call_command("permabots_status", stdout=out)
    assert f"{kind}: 1 of 1 wait: {TEXT}" in out.getvalue()


def test_the_task_of_a_notification_that_waits_ends_with_one_line(
    hook: Hook, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    EnvironmentVar.objects.create(bot=hook.bot, key="name", value="Ann")
    post_to_hook(hook, {"name": "Bob"})
    pk = Notification.objects.get().pk
    caplog.clear()
    with without_key(settings):
        notification_tasks.fan_out(pk)
    assert [(line.getMessage(), line.exc_info) for line in caplog.records if line.levelname == "ERROR"] == [
        (f"notification {pk} waits: {TEXT}", None)
    ]


def test_a_post_to_a_hook_is_answered_503_and_a_stored_one_waits_uncounted(hook: Hook, settings: Any) -> None:
    EnvironmentVar.objects.create(bot=hook.bot, key="name", value="Ann")
    assert post_to_hook(hook, {"name": "Bob"}).status_code == 200
    (pk,) = sweep.due_notifications()
    with without_key(settings):
        answer = post_to_hook(hook, {"name": "Bob"})
        assert (answer.status_code, answer.json()) == (503, {"detail": f"{TEXT}."})
        with pytest.raises(SecretUnreadable):
            fan_out(pk)
        assert fan_out(pk) == [], "not before its time"
    row = Notification.objects.get()
    assert (row.status, row.attempts, row.error) == ("pending", 0, TEXT)
    Notification.objects.update(not_before=Now())
    assert [len(woken) for woken in fan_out(pk)] == [3]


def test_an_account_that_is_to_be_removed_is_kept_and_the_others_are_removed(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    integrations.detach(bot, "telegram")
    with without_key(settings):
        assert removals.finish() == 0
    assert telegram.webhook(TOKEN)["url"]
    TelegramBot.objects.update(removal_due=Now())
    assert removals.finish() == 1
    assert not telegram.webhook(TOKEN)["url"]


def test_an_account_is_not_asked_who_it_is(bot: Bot, telegram: TelegramServer, settings: Any) -> None:
    TelegramBot.objects.update(identify_due=Now())
    with without_key(settings):
        identities.refresh_due()
    assert TelegramBot.objects.get().status == "connected"


def test_credentials_that_are_given_anew_make_an_account_work_again(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    make_handler(bot, "^hello$", "Hi")
    with without_key(settings):
        integrations.change(TelegramBot.objects.get(), {"token": TOKEN}, enabled=True)
        row = TelegramBot.objects.get()
        assert (row.token, row.webhook_secret) == (TOKEN, telegram.webhook(TOKEN)["secret"])
        assert post(row, text_update(1, 7, "hello", message_id=1)).status_code == 200
        drain(InboundMessage.objects.get().conversation)
        assert telegram.texts(7) == ["Hi"]


def test_pages_of_the_admin_say_so(bot: Bot, admin_client: Client, settings: Any) -> None:
    variable = EnvironmentVar.objects.create(bot=bot, key="name", value="Ann", secret=True)
    row = TelegramBot.objects.get()
    with without_key(settings):
        admin_client.force_login(bot.owner.__class__.objects.get(username="admin"))
        for page in ("environmentvar/", "telegrambot/", f"telegrambot/{row.pk}/change/", f"bot/{bot.pk}/change/"):
            answer = admin_client.get(f"/admin/permabots/{page}")
            assert answer.status_code == 200, page
        page = f"/admin/permabots/environmentvar/{variable.pk}/change/"
        assert "Ann" not in admin_client.get(page).content.decode()
        assert "cannot be decrypted" in admin_client.get("/admin/permabots/environmentvar/").content.decode()
