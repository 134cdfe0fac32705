"""Replacing hook keys and webhook secrets: by API, command and admin, and no call is refused meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from itertools import count
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from permabots.models import Bot, BotEvent, Hook, InboundMessage, Notification, TelegramBot
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from tests.admin.conftest import Browser, make_staff
from tests.api.conftest import Api
from tests.api.test_api_tokens import caller, token_of
from tests.factories import make_account, make_bot
from tests.pipeline.test_integrations import TOKEN
from tests.pipeline.test_webhook import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

DAY = 24 * 3600
SOURCES = ["api", "command", "admin"]


@pytest.fixture
def bot(db: None) -> Bot:
    return make_bot(owner=make_staff())


@pytest.fixture
def hook(api: Api, base: str) -> Hook:
    made = api.post(f"{base}hooks/", {"name": "news", "response": {"text_template": "{{ data }}"}}).json()
    return Hook.objects.get(pk=made["id"])


@pytest.fixture
def account(api: Api, base: str, telegram: TelegramServer) -> TelegramBot:
    api.post(f"{base}telegram/", {"token": TOKEN})
    row: TelegramBot = TelegramBot.objects.get()
    return row


class Caller:
    """Somebody who calls again and again, in a thread of their own, from the beginning of a block to its end.

    Args:
        call: makes a call, and returns the status of its answer.
    """

    def __init__(self, call: Callable[[], int]) -> None:
        self.answers: list[int] = []
        self._call = call
        self._ended = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Caller:
        self._thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def goes_on(self) -> None:
        """Wait for calls that begin from now on: one may be under way."""
        wanted = len(self.answers) + 3
        while len(self.answers) < wanted:
            assert self._thread.is_alive()
            self._thread.join(0.005)

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self.answers.append(self._call())
        finally:
            connection.close()


# The key of a notification hook


def by_api(hook: Hook, grace: int) -> str:
    body = {} if grace == DAY else {"grace_seconds": grace}
    return str(Api(hook.bot.owner).post(f"bots/{hook.bot_id}/hooks/{hook.pk}/rotate/", body).json())


def by_command(hook: Hook, grace: int) -> str:
    said = StringIO()
    try:
        call_command("permabots_hook", "rotate", str(hook.bot_id), grace=grace, stdout=said, stderr=said)
    except CommandError as error:
        said.write(str(error))
    return said.getvalue()


def by_admin(hook: Hook, grace: int) -> str:
    (said,) = Browser(hook.bot.owner).act("hook_changelist", "rotate_keys" if grace else "rotate_keys_now", hook)
    return said


WAYS = [by_api, by_command, by_admin]
Rotate = Callable[[Hook, int], str]


def statuses(hook: Hook, *keys: str) -> list[int]:
    """Post to a hook by each of the keys."""
    owner = Api(hook.bot.owner)
    return [owner.post(f"/processing/hook/{key}/", {"a": 1}).status_code for key in keys]


def key_of(hook: Hook) -> str:
    return Hook.objects.get(pk=hook.pk).key


@pytest.mark.parametrize("rotate", WAYS)
def test_the_key_before_is_taken_for_a_day_and_then_no_more(hook: Hook, rotate: Rotate) -> None:
    new = rotate(hook, DAY), key_of(hook)
    assert new[1] in new[0]
    assert statuses(hook, hook.key, new[1]) == [200, 200]
    Hook.objects.update(previous_key_expires_at=F("previous_key_expires_at") - timedelta(days=1))
    assert statuses(hook, hook.key, new[1]) == [404, 200]


@pytest.mark.parametrize("rotate", WAYS)
def test_a_stolen_key_ends_at_once_and_so_does_one_in_its_time_of_grace(hook: Hook, rotate: Rotate) -> None:
    by_api(hook, DAY)
    between = key_of(hook)
    rotate(hook, 0)
    assert statuses(hook, hook.key, between, key_of(hook)) == [404, 404, 200]


@pytest.mark.parametrize("rotate", WAYS)
def test_a_second_rotation_cuts_no_time_of_grace_short(hook: Hook, rotate: Rotate) -> None:
    by_api(hook, DAY)
    between = key_of(hook)
    assert "is taken until" in rotate(hook, DAY)
    assert statuses(hook, hook.key, between) == [200, 200]
    assert key_of(hook) == between


def test_a_post_that_is_repeated_across_a_rotation_is_told_once(hook: Hook) -> None:
    owner, answers = Api(hook.bot.owner), []
    for _ in range(2):
        key = key_of(hook)
        answers.append(owner("POST", f"/processing/hook/{key}/", {"a": 1}, **{"Idempotency-Key": "once"}).json()["id"])
        by_api(hook, 3600) if len(answers) == 1 else None
    assert answers[0] == answers[1]
    assert Notification.objects.count() == 1


def test_the_answer_says_until_when_the_key_before_is_taken(hook: Hook, api: Api, base: str) -> None:
    assert api.get(f"{base}hooks/{hook.pk}/").json()["previous_key_expires_at"] is None
    shown = api.post(f"{base}hooks/{hook.pk}/rotate/", {"grace_seconds": 60}).json()
    assert shown == api.get(f"{base}hooks/{hook.pk}/").json()
    assert shown["key"] != hook.key
    assert shown["previous_key_expires_at"] is not None
    assert hook.key not in str(shown)


@pytest.mark.parametrize("grace", [-1, 7 * DAY + 1, "soon", None])
def test_a_time_of_grace_that_there_is_not_is_refused(hook: Hook, api: Api, base: str, grace: Any) -> None:
    answer = api.post(f"{base}hooks/{hook.pk}/rotate/", {"grace_seconds": grace})
    assert (answer.status_code, list(answer.json())) == (400, ["grace_seconds"])
    assert key_of(hook) == hook.key


def test_a_token_rotates_the_keys_of_its_bots_with_the_scope_write(hook: Hook) -> None:
    other = Bot.objects.create(owner=hook.bot.owner, name="other")
    tokens = {
        403: token_of(hook.bot.owner, "read send"),
        404: token_of(hook.bot.owner, "write", bots=[other]),
        200: token_of(hook.bot.owner, "write", bots=[hook.bot]),
    }
    path = f"bots/{hook.bot_id}/hooks/{hook.pk}/rotate/"
    assert [caller(token).post(path, {}).status_code for token in tokens.values()] == list(tokens)


def test_the_command_gives_no_key_to_hooks_that_nobody_named(hook: Hook) -> None:
    other = Hook.objects.get(
        pk=Api(hook.bot.owner)
        .post(f"bots/{hook.bot_id}/hooks/", {"name": "other", "response": {"text_template": "x"}})
        .json()["id"]
    )
    for options in ([], ["nobody"], ["--hook", "nobody"], ["--all", "--grace", "-1"]):
        with pytest.raises(CommandError):
            call_command("permabots_hook", "rotate", *options)
    assert (key_of(hook), key_of(other)) == (hook.key, other.key)
    call_command("permabots_hook", "rotate", "--hook", hook.key, stdout=StringIO())
    assert key_of(hook) != hook.key
    assert key_of(other) == other.key
    call_command("permabots_hook", "rotate", "--all", "--grace", "0", stdout=StringIO())
    assert key_of(other) != other.key


@pytest.mark.parametrize(("rotate", "source"), list(zip(WAYS, SOURCES, strict=True)))
def test_a_new_key_is_an_event_without_the_key(hook: Hook, rotate: Rotate, source: str) -> None:
    before = BotEvent.objects.latest("pk").pk
    rotate(hook, DAY)
    (event,) = BotEvent.objects.filter(pk__gt=before)
    assert (event.source, event.kind, event.object_id, event.fields) == (source, "hook", str(hook.pk), ["key"])
    stored = str(list(BotEvent.objects.values()))
    assert hook.key not in stored
    assert key_of(hook) not in stored


def test_posts_that_go_on_during_rotations_are_all_taken(hook: Hook) -> None:
    with Caller(lambda: statuses(hook, hook.key)[0]) as poster:
        by_api(hook, DAY)
        poster.goes_on()
    assert set(poster.answers) == {200}
    assert Notification.objects.count() == len(poster.answers)


# The secret of a webhook


def secret_by_api(row: Any, step: str) -> str:
    bot = Bot.objects.get()
    answer = Api(bot.owner).post(f"bots/{bot.pk}/{row.SLUG}/{row.pk}/{step}/", {})
    return f"{answer.status_code} {answer.content.decode()}"


def secret_by_command(row: Any, step: str) -> str:
    said = StringIO()
    try:
        call_command("permabots_webhook", step, stdout=said, stderr=said)
    except CommandError as error:
        said.write(str(error))
    return said.getvalue()


def secret_by_admin(row: Any, step: str) -> str:
    (said,) = Browser(Bot.objects.get().owner).act(f"{row._meta.model_name}_changelist", f"{step}_secrets", row)
    return said


SECRET_WAYS = [secret_by_api, secret_by_command, secret_by_admin]
Replace = Callable[[Any, str], str]


def heard(row: TelegramBot, *secrets: str) -> list[int]:
    """Post to the webhook with each of the secrets."""
    numbers = count(InboundMessage.objects.count() + 1)
    return [
        post(row, text_update(number, 7, "hello", message_id=number), secret).status_code
        for number, secret in zip(numbers, secrets, strict=False)
    ]


@pytest.mark.parametrize("replace", SECRET_WAYS)
def test_calls_with_the_secret_before_are_taken_until_it_is_retired(
    account: TelegramBot, telegram: TelegramServer, replace: Replace
) -> None:
    before = telegram.webhook(TOKEN)["secret"]
    replace(account, "rotate")
    now = telegram.webhook(TOKEN)["secret"]
    assert before != now == TelegramBot.objects.get().webhook_secret
    assert heard(account, before, now) == [200, 200]
    replace(account, "retire")
    assert telegram.webhook(TOKEN)["secret"] == now
    assert heard(account, before, now) == [403, 200]


@pytest.mark.parametrize("step", ["rotate", "retire"])
@pytest.mark.parametrize("replace", SECRET_WAYS)
def test_a_messenger_that_refuses_goes_on_with_the_secrets_that_it_has(
    account: TelegramBot, telegram: TelegramServer, replace: Replace, step: str
) -> None:
    secrets = [telegram.webhook(TOKEN)["secret"]]
    secret_by_api(account, "rotate")
    secrets.append(telegram.webhook(TOKEN)["secret"])
    telegram.add_fault(Fault(FaultKind.REFUSE, method="setWebhook", count=1))
    said = replace(account, step)
    assert "Bad Request" in said
    assert telegram.webhook(TOKEN)["secret"] == secrets[1]
    assert heard(account, *secrets) == [200, 200]
    replace(account, step)
    assert heard(account, telegram.webhook(TOKEN)["secret"]) == [200]


def test_calls_that_go_on_during_rotations_are_all_taken(account: TelegramBot, telegram: TelegramServer) -> None:
    with Caller(lambda: heard(account, telegram.webhook(TOKEN)["secret"])[0]) as messenger:
        for replace in SECRET_WAYS:
            replace(account, "rotate")
            messenger.goes_on()
            replace(account, "retire")
            messenger.goes_on()
    assert set(messenger.answers) == {200}
    assert InboundMessage.objects.count() == len(messenger.answers)


def test_a_secret_is_rotated_and_retired_at_once_and_the_messengers_is_taken(
    account: TelegramBot, telegram: TelegramServer
) -> None:
    secret_by_api(account, "rotate")
    telegram.add_fault(Fault(FaultKind.SLOW, method="setWebhook", seconds=0.2, count=1))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(in_thread, [account] * 2, ["retire", "rotate"]))
    assert heard(account, telegram.webhook(TOKEN)["secret"]) == [200]


def in_thread(row: TelegramBot, step: str) -> None:
    try:
        secret_by_api(row, step)
    finally:
        connection.close()


def test_the_status_says_whether_the_secret_before_is_taken(account: TelegramBot, api: Api, base: str) -> None:
    told = []
    for step in ("", "rotate", "retire"):
        step and secret_by_api(account, step)
        told.append(api.get(f"{base}telegram/{account.pk}/status/").json()["rotating"])
    assert told == [False, True, False]


@pytest.mark.parametrize("step", ["rotate", "retire"])
@pytest.mark.parametrize("replace", SECRET_WAYS)
@pytest.mark.parametrize("slug", ["kik", "messenger"])
def test_a_secret_that_is_made_at_the_messenger_is_replaced_there(
    bot: Bot, slug: str, replace: Replace, step: str
) -> None:
    row = make_account(bot, slug)
    said = replace(row, step)
    assert f"is made at {row.provider.name}: replace it there" in said
    assert said.startswith("400") or replace is not secret_by_api


@pytest.mark.parametrize("step", ["rotate", "retire"])
def test_a_bot_without_a_webhook_stays_without_one(
    account: TelegramBot, api: Api, base: str, telegram: TelegramServer, step: str
) -> None:
    call_command("permabots_webhook", "remove", stdout=StringIO())  # as polling does
    for replace in SECRET_WAYS:
        assert "has no webhook" in replace(account, step)
    assert telegram.webhook(TOKEN)["url"] == ""


@pytest.mark.parametrize(("replace", "source"), list(zip(SECRET_WAYS, SOURCES, strict=True)))
def test_a_new_secret_is_an_event_without_the_secret(account: TelegramBot, replace: Replace, source: str) -> None:
    for step in ("rotate", "retire"):
        before = BotEvent.objects.latest("pk").pk
        replace(account, step)
        (event,) = BotEvent.objects.filter(pk__gt=before)
        assert (event.source, event.kind, event.object_id) == (source, "telegrambot", str(account.pk))
        assert "previous_webhook_secret" in event.fields
    stored, row = str(list(BotEvent.objects.values())), TelegramBot.objects.get()
    assert account.webhook_secret not in stored
    assert row.webhook_secret not in stored


def test_a_body_has_no_say_in_a_secret(account: TelegramBot, api: Api, base: str) -> None:
    answer = api.post(f"{base}telegram/{account.pk}/rotate/", {"webhook_secret": "mine"})
    assert answer.status_code == 400
    assert TelegramBot.objects.get().webhook_secret == account.webhook_secret
