"""How many rows an author may have: refused on every road, by name and number; and no person's message is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from permabots.exceptions import QuotaReached
from permabots.models import Bot, Conversation, Handler, Hook, InboundMessage, Recipient, State
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.bots import save_bot
from permabots.tasks import notify
from tests.admin.conftest import Browser, make_staff
from tests.admin.conftest import errors as errors_of
from tests.api.conftest import Api
from tests.factories import make_bot, make_handler, make_telegram, make_user, say

pytestmark = [pytest.mark.django_db]

HANDLER = {"name": "h", "pattern": "x", "response": {"text_template": "x"}}
STEP = {"said": "x", "messages": [], "state": None}
ROADS = {
    "handlers": ("handlers/", HANDLER),
    "states": ("states/", {"name": "s"}),
    "hooks": ("hooks/", {"name": "h", "response": {"text_template": "x"}}),
    "variables": ("env/", {"key": "k", "value": "v"}),
    "tests": ("tests/", {"name": "t", "provider": "telegram", "state": None, "steps": [STEP]}),
}


@pytest.fixture
def quota(settings: Any) -> Any:
    def set_quotas(**numbers: int | None) -> None:
        settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "QUOTAS": numbers}

    return set_quotas


def assert_says(answer: Any, name: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.content
    errors = answer.json()
    (sentence,) = [errors["detail"]] if status == 403 else errors["non_field_errors"]
    assert f"quota '{name}' of the setting QUOTAS" in sentence
    assert " are the most" in sentence


@pytest.mark.parametrize("name", ROADS)
def test_a_row_beyond_its_quota_is_refused_by_the_api(api: Api, base: str, quota: Any, name: str) -> None:
    path, body = ROADS[name]
    quota(**{name: 1})
    one = api.post(base + path, body)
    assert one.status_code == 201, one.content
    field = "key" if "key" in body else "name"
    assert_says(api.post(base + path, {**body, field: "another"}), name)
    assert len(api.get(base + path).json()) == 1
    again = {**body, field: "renamed"}
    assert api.put(f"{base}{path}{one.json()['id']}/", again).status_code == 200  # what is there may be changed
    assert api.delete(f"{base}{path}{one.json()['id']}/").status_code == 204
    assert api.post(base + path, body).status_code == 201


def test_recipients_are_counted_for_each_hook_over_all_messengers(api: Api, base: str, quota: Any, bot: Bot) -> None:
    quota(recipients=2)
    for hook in [configuration.create_hook(bot, {"name": "h", "response": {"text_template": "x"}}) for _ in "ab"]:
        where = f"{base}hooks/{hook.pk}/recipients/"
        assert api.post(where + "telegram/", {"chat_id": 7, "name": "me"}).status_code == 201
        assert api.post(where + "messenger/", {"chat_id": "7", "name": "me"}).status_code == 201
        assert_says(api.post(where + "telegram/", {"chat_id": 8, "name": "me"}), "recipients")


def test_parameters_are_counted_for_each_request(api: Api, base: str, quota: Any) -> None:
    quota(parameters=1)
    one = [{"key": "a", "value_template": "x"}]
    request = {"url_template": "https://api.example.com/", "url_parameters": one, "header_parameters": one}
    handler = api.post(base + "handlers/", {**HANDLER, "request": request}).json()["id"]
    two = [{"key": "b", "value_template": "x"}]
    assert_says(api.patch(f"{base}handlers/{handler}/", {"request": {"url_parameters": two}}), "parameters")
    assert_says(api.post(f"{base}handlers/{handler}/headerparams/", two[0]), "parameters")


def test_a_state_that_a_handler_would_make_is_refused_with_the_whole_handler(
    api: Api, base: str, quota: Any, bot: Bot
) -> None:
    quota(states=1)
    assert api.post(base + "handlers/", {**HANDLER, "target_state": {"name": "menu"}}).status_code == 201
    assert_says(api.post(base + "handlers/", {**HANDLER, "source_states": [{"name": "new"}]}), "states")
    assert (Handler.objects.count(), State.objects.count()) == (1, 1)
    again = {**HANDLER, "name": "again", "source_states": [{"name": "Menu"}]}
    assert api.post(base + "handlers/", again).status_code == 201


def test_chats_that_nobody_wrote_in_are_put_into_states_up_to_a_quota(
    api: Api, base: str, quota: Any, bot: Bot
) -> None:
    quota(conversations=2)
    path = base + "chatstates/messenger/"
    for name in ("menu", "cart"):
        State.objects.create(bot=bot, name=name)
    made = [api.post(path, {"chat": chat, "state": {"name": "menu"}}).json() for chat in ("a", "b")]
    assert_says(api.post(path, {"chat": "c", "state": {"name": "menu"}}), "conversations")
    assert_says(api.patch(f"{path}{made[0]['id']}/", {"chat": "c"}), "conversations")
    assert api.patch(f"{path}{made[0]['id']}/", {"state": {"name": "cart"}}).status_code == 200
    assert api.delete(f"{path}{made[1]['id']}/").status_code == 204
    assert api.post(path, {"chat": "b", "state": {"name": "cart"}}).status_code == 201, "it is known"
    make_telegram(bot)
    say(bot)
    refused = api.post(path, {"chat": "c", "state": {"name": "menu"}})
    assert refused.json()["non_field_errors"][0].startswith("This bot has more than 2 conversations; 2 are the most")
    assert Conversation.objects.count() == 3, "no person is refused"


def test_bots_are_counted_for_each_owner(api: Api, bot: Bot, quota: Any) -> None:
    quota(bots=1)
    assert_says(api.post("bots/", {"name": "another"}), "bots")
    assert Api(make_user()).post("bots/", {"name": "first"}).status_code == 201


def test_tokens_are_counted_for_each_user_without_those_that_are_over(api: Api, bot: Bot, quota: Any) -> None:
    quota(tokens=1)
    body = {"name": "t", "scopes": ["read"], "all_bots": True}
    made = api.post("tokens/", body).json()
    assert_says(api.post("tokens/", body), "tokens")
    api.delete(f"tokens/{made['id']}/")
    assert api.post("tokens/", body).status_code == 201


def test_the_admin_says_the_same_to_a_superuser_too(quota: Any) -> None:
    quota(bots=1, states=1)
    user = make_staff("root")
    user.is_superuser = True
    user.save()
    root, bot = Browser(user), make_bot(owner=user)
    for page, values in (
        ("bot_add", {"name": "b", "owner": user.pk}),
        ("bot_change", {"name": "b", "owner": user.pk}),  # another user's bot that is given to them
        ("state_add", {"bot": bot.pk, "name": "menu"}),
    ):
        ids = [make_bot().pk] if page == "bot_change" else []
        if page == "state_add":
            State.objects.create(bot=bot, name="first")
        (sentences,) = errors_of(root.post(page, *ids, **values)).values()
        assert "of the setting QUOTAS" in sentences[0]
    (said,) = root.act("bot_changelist", "duplicate_bots", bot)
    assert "quota 'bots'" in said
    assert Bot.objects.filter(owner=user).count() == 1


def test_code_is_told_too(bot: Bot, quota: Any) -> None:
    quota(handlers=0, bots=1)
    with pytest.raises(ValidationError, match="quota 'handlers'"):
        make_handler(bot)
    with pytest.raises(ValidationError, match="quota 'bots'"):
        save_bot(Bot(owner=bot.owner, name="another"))


def test_none_turns_one_quota_off_or_all(api: Api, bot: Bot, quota: Any, settings: Any) -> None:
    quota(bots=None)
    assert api.post("bots/", {"name": "another"}).status_code == 201
    settings.PERMABOTS = {"QUOTAS": None}
    assert api.post("bots/", {"name": "another"}).status_code == 201


# Stored messages


def hook_of(bot: Bot) -> Hook:
    hook = configuration.create_hook(bot, {"name": "h", "response": {"text_template": "x"}})
    for number in range(2):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(number + 1), name="me")
    return hook


def test_a_bot_with_too_many_messages_takes_those_of_people_and_no_posts_to_hooks(
    api: Api, bot: Bot, quota: Any
) -> None:
    quota(messages=3)
    make_telegram(bot)
    hook = hook_of(bot)
    say(bot)
    post = {"Idempotency-Key": "1"}
    assert api("POST", f"/processing/hook/{hook.key}/", {}, **post).status_code == 200
    refused = api.post(f"/processing/hook/{hook.key}/", {})
    assert_says(refused, "messages", 403)
    assert "permabots_purge" in refused.json()["detail"]
    assert api("POST", f"/processing/hook/{hook.key}/", {}, **post).status_code == 200  # the one that was taken before
    with pytest.raises(QuotaReached):
        notify(hook, {})
    say(bot)
    assert InboundMessage.objects.count() == 2
    assert api.post(f"bots/{bot.pk}/handlers/", HANDLER).status_code == 201


def test_posts_that_are_told_are_counted_in_the_process_that_took_them(api: Api, bot: Bot, quota: Any) -> None:
    quota(messages=4)
    hook = hook_of(bot)
    answers = [api.post(f"/processing/hook/{hook.key}/", {}).status_code for _ in range(3)]
    assert answers == [200, 200, 403]


# Two at once


@pytest.mark.django_db(transaction=True)
def test_two_bots_made_at_once_are_not_both_taken_beyond_the_quota(quota: Any) -> None:
    quota(bots=1)
    user = make_user()
    api = Api(user)
    api.get("bots/")

    def make(number: int) -> int:
        try:
            return int(Api(user, Client(raise_request_exception=False)).post("bots/", {"name": "b"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(make, range(4)))
    assert sorted(answers) == [201, 400, 400, 400]


def test_nothing_of_a_turn_is_counted(bot: Bot, quota: Any) -> None:
    quota(**dict.fromkeys(("bots", "states", "handlers", "messages", "recipients"), 0))
    make_telegram(bot)
    say(bot)
    assert Conversation.objects.count() == 1
