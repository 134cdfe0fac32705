"""API tokens: what each may do, and for how long, tried by calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.authtoken.models import Token

from permabots.models import ApiToken, Bot, Notification
from permabots.models.api_token import Scope
from permabots.pipeline.authoring import api_tokens
from permabots.pipeline.authoring.configuration import create_hook
from permabots.security import api_keys
from permabots.urls_api import urlpatterns
from permabots.urls_processing import urlpatterns as processing
from permabots.views.base import ApiView
from permabots.views.hooks.base import HookView
from tests.api.conftest import Api, StandIns
from tests.api.test_access import METHODS, rolled_back
from tests.api.world import ROUTES, World, database
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db]

SENDING = {"message-retry", "messages-retry", "delivery-retry"}
READING = {"test-run"}
"""Routes whose POST is no change of configuration."""


def token_of(user: Any, scopes: str = "read", **values: Any) -> str:
    wanted = {"name": "t", "scopes": scopes.split(), "all_bots": "bots" not in values, **values}
    return api_tokens.create(user, wanted)[1]


def caller(key: str, scheme: str = "Bearer") -> Api:
    client = Client(raise_request_exception=False, headers={"Authorization": f"{scheme} {key}"})
    return Api(client=client)


def wanted_scope(route: Any, method: str) -> str:
    if route.name.startswith("token-"):
        return "tokens"
    if method == "GET" or route.name in READING:
        return "read"
    return "send" if route.name in SENDING else "write"


def methods_of(route: Any) -> set[str]:
    actions = getattr(route.callback, "actions", None)
    found = actions or [method for method in ("get", "post") if hasattr(route.callback.view_class, method)]
    return {method.upper() for method in found} & set(METHODS)


# Scopes


def test_each_scope_opens_its_routes_and_no_other(bot: Bot, standins: StandIns) -> None:
    world, keys = World(bot), {}
    for scope in ("read", "write", "send"):
        keys[scope] = caller(token_of(bot.owner, scope))
    for route in ROUTES:
        url = world.url(route)
        for method in methods_of(route):
            for scope, call in keys.items():
                with rolled_back():
                    answer = call(method, url, {})
                wanted = wanted_scope(route, method)
                assert (answer.status_code != 403) == (scope == wanted), (scope, method, url, answer.content)
                if scope != wanted:
                    assert answer.json() == {"detail": f"This API token lacks the scope '{wanted}'."}


def test_an_address_that_declares_nothing_is_closed_to_api_tokens() -> None:
    views = [getattr(route.callback, "cls", None) or route.callback.view_class for route in (*urlpatterns, *processing)]
    ours = [view for view in views if not issubclass(view, HookView)]
    undeclared = {view.__name__ for view in ours if not view.scopes}
    assert undeclared == {"SchemaView", "DocsView"}  # for everybody, without authentication
    assert ApiView.scopes == {}


def test_a_hook_is_posted_to_with_the_scope_send_alone(bot: Bot) -> None:
    hook = create_hook(bot, {"name": "hook", "response": {"text_template": "x"}})
    for scope in ("read", "write"):
        answer = caller(token_of(bot.owner, scope)).post(f"/processing/hook/{hook.key}/", {})
        assert answer.status_code == 403
    assert not Notification.objects.exists()
    assert caller(token_of(bot.owner, "send")).post(f"/processing/hook/{hook.key}/", {}).status_code == 200


# Chosen bots


def test_a_token_for_chosen_bots_finds_nothing_of_the_others(bot: Bot, standins: StandIns, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "API_THROTTLES": None}  # these are more calls than one may make
    world = World(bot)
    other = make_bot(owner=bot.owner)
    call = caller(token_of(bot.owner, "read write send", bots=[other]))
    assert [row["id"] for row in call.get("bots/").json()] == [str(other.pk)]
    before = database()
    for route in ROUTES:
        url = world.url(route)
        for method in METHODS if str(bot.pk) in url else ():
            answer = call(method, url, {})
            assert answer.status_code in {404, 405}, (method, url)
    assert call.post(f"/processing/hook/{world.hook.key}/", {}).status_code == 404
    assert database() == before


def test_a_token_for_chosen_bots_makes_neither_bots_nor_tokens(bot: Bot) -> None:
    call = caller(token_of(bot.owner, "read write send", bots=[bot]))
    assert call.post("bots/", {"name": "another"}).status_code == 403
    assert call.post("tokens/", {"name": "t", "scopes": ["read"], "all_bots": True}).status_code == 403
    assert (Bot.objects.count(), ApiToken.objects.count()) == (1, 1)


def test_a_token_for_a_bot_that_was_deleted_is_for_none(bot: Bot) -> None:
    call = caller(token_of(bot.owner, bots=[bot]))
    make_bot(owner=bot.owner)
    bot.delete()
    assert call.get("bots/").json() == []


# Keys


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "bearer"])
def test_a_key_is_taken_under_both_schemes(bot: Bot, scheme: str) -> None:
    assert caller(token_of(bot.owner), scheme).get("bots/").status_code == 200


def test_a_token_of_the_rest_framework_goes_on_working(bot: Bot) -> None:
    assert caller(Token.objects.create(user=bot.owner).key, "Token").get("bots/").status_code == 200


def test_the_key_is_nowhere_in_the_database(bot: Bot) -> None:
    key = token_of(bot.owner)
    assert key[len(api_keys.PREFIX) + 6 :] not in str(database())


@pytest.mark.parametrize("change", ["one character", "too short", "too long", "not of ASCII"])
def test_a_mistyped_key_is_refused_without_a_query(bot: Bot, change: str) -> None:
    key = token_of(bot.owner)
    changed = {
        "one character": key[:20] + ("a" if key[20] != "a" else "b") + key[21:],
        "too short": key[:-1],
        "too long": key + "0",
        "not of ASCII": key[:-1] + "é",
    }[change]
    with CaptureQueriesContext(connection) as queries:
        answer = caller(changed.encode().decode("latin-1")).get("bots/")
    assert (answer.status_code, len(queries)) == (401, 0)


def test_a_well_formed_key_of_nobody_is_refused(bot: Bot) -> None:
    assert caller(api_keys.new_key()).get("bots/").json() == {"detail": "Invalid token."}


@pytest.mark.parametrize("why", ["expired", "revoked", "inactive", "deleted"])
def test_a_token_that_is_over_is_refused(bot: Bot, why: str) -> None:
    row, key = api_tokens.create(bot.owner, {"name": "t", "scopes": ["read"], "all_bots": True})
    assert caller(key).get("bots/").status_code == 200
    if why == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "revoked":
        api_tokens.revoke(row)
    elif why == "inactive":
        bot.owner.is_active = False
        bot.owner.save()
    else:
        bot.owner.delete()
    assert caller(key).get("bots/").status_code == 401


def test_the_last_use_is_written_once_a_minute(bot: Bot) -> None:
    call = caller(token_of(bot.owner))
    call.get("bots/")
    used = ApiToken.objects.get().last_used_at
    with CaptureQueriesContext(connection) as queries:
        call.get("bots/")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    ApiToken.objects.update(last_used_at=used - timedelta(minutes=1))
    call.get("bots/")
    assert ApiToken.objects.get().last_used_at > used


def test_a_last_use_that_cannot_be_written_fails_no_call(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    call = caller(token_of(bot.owner))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE permabots_apitoken ADD CHECK (last_used_at IS NULL)")
    assert call.get("bots/").status_code == 200
    assert "the last use of an API token not written" in caplog.text


# By the API


def test_a_token_is_made_listed_rotated_and_revoked(bot: Bot, api: Api) -> None:
    body = {"name": "ci", "scopes": ["write", "read"], "bots": [str(bot.pk)], "expires_at": "2999-01-01T00:00:00Z"}
    made = api.post("tokens/", body)
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    shown = made.json()
    key = shown.pop("key")
    assert (shown["scopes"], shown["bots"], shown["all_bots"]) == (["read", "write"], [str(bot.pk)], False)
    assert api.get("tokens/").json() == [shown]
    assert api.get(f"tokens/{shown['id']}/").json() == shown
    again = api.post(f"tokens/{shown['id']}/rotate/", {"grace_seconds": 60}).json()
    assert caller(key).get("bots/").status_code == caller(again["key"]).get("bots/").status_code == 200
    assert again["previous_key_expires_at"]
    last = api.post(f"tokens/{shown['id']}/rotate/", {}).json()
    answers = [caller(it).get("bots/").status_code for it in (key, again["key"], last["key"])]
    assert answers == [401, 401, 200]
    assert api.delete(f"tokens/{shown['id']}/").status_code == 204
    assert caller(last["key"]).get("bots/").json() == {"detail": "This API token was revoked."}
    assert api.get("tokens/").json()[0]["revoked_at"]
    assert api.post(f"tokens/{shown['id']}/rotate/", {}).status_code == 400


def test_a_key_that_was_replaced_ends_with_its_time_of_grace(bot: Bot) -> None:
    row, key = api_tokens.create(bot.owner, {"name": "t", "scopes": ["read"], "all_bots": True})
    api_tokens.rotate(row, 60)
    ApiToken.objects.update(previous_key_expires_at=timezone.now())
    assert caller(key).get("bots/").status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "bots"),
        ({"scopes": ["read"], "all_bots": True, "bots": "own"}, "bots"),
        ({"scopes": ["read"], "bots": "foreign"}, "bots"),
        ({"scopes": ["read"], "bots": [1]}, "bots"),
        ({"scopes": [], "all_bots": True}, "scopes"),
        ({"scopes": ["all"], "all_bots": True}, "scopes"),
        ({"scopes": ["tokens", "read"], "all_bots": True}, "scopes"),
        ({"scopes": list(Scope.values), "bots": "own"}, "scopes"),
        ({"scopes": ["read"], "all_bots": True, "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"scopes": ["read"], "all_bots": True, "user": 1}, "user"),
    ],
)
def test_what_no_token_may_have_is_refused_at_its_field(bot: Bot, api: Api, body: Any, field: str) -> None:
    bots = {"own": [str(bot.pk)], "foreign": [str(make_bot().pk)]}
    named = {name: bots.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    answer = api.post("tokens/", {"name": "t", **named})
    assert (answer.status_code, set(answer.json())) == (400, {field}), answer.content
    assert not ApiToken.objects.exists()


def test_a_token_makes_tokens_with_every_scope_alone(bot: Bot) -> None:
    body = {"name": "t", "scopes": ["read"], "all_bots": True}
    assert caller(token_of(bot.owner, "read write send")).post("tokens/", body).status_code == 403
    assert caller(token_of(bot.owner, " ".join(Scope.values))).post("tokens/", body).status_code == 201


def test_tokens_of_somebody_else_are_not_there(bot: Bot, stranger: Api) -> None:
    row, key = api_tokens.create(bot.owner, {"name": "t", "scopes": ["read"], "all_bots": True})
    assert stranger.get("tokens/").json() == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "rotate/")):
        assert stranger(method, f"tokens/{row.pk}/{path}", {}).status_code == 404
    assert caller(key).get("bots/").status_code == 200
