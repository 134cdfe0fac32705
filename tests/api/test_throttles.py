"""How often somebody may call: who is refused, who is not, and what is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache.backends import locmem
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token
from rest_framework.throttling import UserRateThrottle

from permabots.models import Bot, Notification
from permabots.pipeline.authoring import api_tokens
from permabots.pipeline.authoring.configuration import create_hook
from permabots.security import api_keys, counters
from permabots.views.access import entrance
from permabots.views.base import ApiView
from tests.api.conftest import Api
from tests.api.test_api_tokens import caller, token_of
from tests.factories import make_bot, make_user

pytestmark = [pytest.mark.django_db]

ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


@pytest.fixture
def limit(settings: Any) -> Any:
    """Set limits in words: a day each, so that no test sees a window end."""

    def set_limits(**rates: int | None) -> None:
        off = dict.fromkeys(("user", "token", "bot", "address", "hook", "wrong_token", "schema"))
        given = {name: number and f"{number}/day" for name, number in rates.items()}
        settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "API_THROTTLES": {**off, **given}}

    return set_limits


@pytest.fixture
def other_process() -> Iterator[None]:
    """Nothing that a process keeps for itself is known in the next one."""
    yield
    entrance._right.clear()


def statuses(call: Any, path: str, times: int) -> list[int]:
    return [call.get(path).status_code for _ in range(times)]


def assert_says(answer: Any, name: str) -> None:
    assert answer.status_code == 429
    assert f"limit '{name}' of API_THROTTLES" in answer.json()["detail"]
    seconds = int(answer.headers["Retry-After"])
    assert 0 < seconds <= 86400
    assert str(seconds) in answer.json()["detail"]


# Each limit


def test_a_user_over_the_limit_is_refused_with_every_token_and_others_are_served(bot: Bot, limit: Any) -> None:
    limit(user=2)
    assert statuses(caller(token_of(bot.owner)), "bots/", 2) == [200, 200]
    assert_says(Api(bot.owner).get("bots/"), "user")
    assert Api(make_user()).get("bots/").status_code == 200


def test_a_token_over_the_limit_leaves_the_others_of_its_user_alone(bot: Bot, limit: Any) -> None:
    limit(token=1)
    call = caller(token_of(bot.owner))
    assert call.get("bots/").status_code == 200
    assert_says(call.get("bots/"), "token")
    assert caller(token_of(bot.owner)).get("bots/").status_code == Api(bot.owner).get("bots/").status_code == 200


@pytest.mark.parametrize("path", ["", "handlers/"])
def test_a_bot_over_the_limit_leaves_the_others_of_its_owner_alone(bot: Bot, limit: Any, path: str) -> None:
    limit(bot=1)
    other = make_bot(owner=bot.owner)
    api = Api(bot.owner)
    assert api.get(f"bots/{bot.pk}/{path}").status_code == 200
    assert_says(api.get(f"bots/{bot.pk}/env/"), "bot")
    assert api.get(f"bots/{other.pk}/{path}").status_code == api.get("bots/").status_code == 200


def test_a_stranger_uses_up_nothing_of_a_bot(bot: Bot, limit: Any, stranger: Api) -> None:
    limit(bot=2)
    assert statuses(stranger, f"bots/{bot.pk}/", 3) == [404, 404, 429]
    assert Api(bot.owner).get(f"bots/{bot.pk}/").status_code == 200


def test_an_address_over_the_limit_is_refused_before_anybody_is_looked_up(bot: Bot, limit: Any) -> None:
    limit(address=1)
    key = token_of(bot.owner)
    assert Client().get("/permabots/api/bots/").status_code == 401
    with CaptureQueriesContext(connection) as queries:
        assert_says(caller(key).get("bots/"), "address")
    assert len(queries) == 0
    there = Client(headers={"Authorization": f"Bearer {key}"}, **ELSEWHERE)
    assert there.get("/permabots/api/bots/").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.1", "::ffff:203.0.113.1", True),
        ("203.0.113.1", "203.0.113.2", False),
        ("", "", False),
    ],
)
def test_an_ipv6_network_is_one_address_and_a_hidden_one_is_none(
    limit: Any, first: str, second: str, same: bool
) -> None:
    limit(address=1)
    answers = [Client(REMOTE_ADDR=place).get("/permabots/api/bots/").status_code for place in (first, second)]
    assert answers == [401, 429 if same else 401]


def test_the_schema_has_a_limit_of_its_own(limit: Any) -> None:
    limit(schema=1, address=1)
    assert Client().get("/permabots/api/schema/").status_code == 200
    assert_says(Client().get("/permabots/api/schema/", headers={"Accept": "application/json"}), "schema")


# Notification hooks


def test_posts_to_hooks_have_a_limit_of_their_own_over_all_hooks_of_a_user(bot: Bot, limit: Any) -> None:
    limit(hook=2, user=1, bot=1, address=1)
    hooks = [create_hook(make_bot(owner=bot.owner), {"name": "h", "response": {"text_template": "x"}}) for _ in "ab"]
    api = Api(bot.owner)
    assert [api.post(f"/processing/hook/{hook.key}/", {}).status_code for hook in hooks] == [200, 200]
    assert_says(api.post(f"/processing/hook/{hooks[0].key}/", {}), "hook")
    assert Notification.objects.count() == 2
    assert api.get("bots/").status_code == 200


# Wrong credentials


def test_wrong_credentials_are_refused_without_a_look_up_beyond_the_limit(bot: Bot, limit: Any) -> None:
    limit(wrong_token=2)
    wrong = caller("0" * 40, "Token")
    assert statuses(wrong, "bots/", 2) == [401, 401]
    for key in (api_keys.new_key(), token_of(bot.owner)):  # a right one that was never used is not known to be right
        with CaptureQueriesContext(connection) as queries:
            assert_says(caller(key).get("bots/"), "wrong_token")
        assert len(queries) == 0
    key = Token.objects.create(user=bot.owner).key
    there = Client(headers={"Authorization": f"Token {key}"}, **ELSEWHERE)
    assert there.get("/permabots/api/bots/").status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "Token"])
def test_right_credentials_that_were_used_before_are_served_from_there(
    bot: Bot, limit: Any, other_process: None, scheme: str
) -> None:
    limit(wrong_token=1)
    key = token_of(bot.owner) if scheme == "Bearer" else Token.objects.create(user=bot.owner).key
    right = caller(key, scheme)
    assert right.get("bots/").status_code == 200
    assert statuses(caller("0" * 40, "Token"), "bots/", 2) == [401, 429]
    assert right.get("bots/").status_code == 200
    entrance._right.clear()  # as another process has it, which shares the cache
    assert right.get("bots/").status_code == 200


def test_a_revoked_token_is_no_way_past_the_limit(bot: Bot, limit: Any) -> None:
    limit(wrong_token=1)
    row, key = api_tokens.create(bot.owner, {"name": "t", "scopes": ["read"], "all_bots": True})
    call = caller(key)
    assert call.get("bots/").status_code == 200
    api_tokens.revoke(row)
    assert statuses(call, "bots/", 3) == [401, 429, 429]


def test_wrong_credentials_at_a_hook_are_counted_too(bot: Bot, limit: Any) -> None:
    limit(wrong_token=1)
    hook = create_hook(bot, {"name": "h", "response": {"text_template": "x"}})
    wrong = caller("0" * 40, "Token")
    answers = [wrong.post(f"/processing/hook/{hook.key}/", {}).status_code for _ in range(2)]
    assert answers == [401, 429]


def test_calls_without_credentials_are_no_wrong_ones(bot: Bot, limit: Any) -> None:
    limit(wrong_token=1)
    assert statuses(Api(), "bots/", 3) == [401, 401, 401]


def test_nothing_of_what_a_caller_shows_is_in_the_cache(bot: Bot, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "seen"}}
    key = token_of(bot.owner)
    assert caller(key).get("bots/").status_code == 200
    assert caller("0123456789abcdef", "Token").get("bots/").status_code == 401
    kept = repr(locmem._caches["seen"])
    assert "permabots:limit:" in kept
    assert not re.search(f"{key}|{key[20:40]}|{api_keys.digest(key)}|0123456789abcdef", kept)


# A caller who is over a limit, a cache that fails, a host's own throttles


def test_a_caller_over_a_limit_costs_no_more_look_ups(bot: Bot, limit: Any) -> None:
    limit(user=1)
    call = caller(token_of(bot.owner))
    assert statuses(call, "bots/", 2) == [200, 429]
    with CaptureQueriesContext(connection) as queries:
        assert_says(call.get("bots/"), "user")
    assert len(queries) == 0


def test_processes_count_together(bot: Bot, limit: Any) -> None:
    limit(user=3)
    assert statuses(Api(bot.owner), "bots/", 2) == [200, 200]
    counters._windows.clear()  # as another process has it, which shares the cache
    assert statuses(Api(bot.owner), "bots/", 2) == [200, 429]


class BrokenCache(locmem.LocMemCache):
    """A cache whose server is away."""

    def get(self, *args: Any, **options: Any) -> Any:
        raise OSError("secret address of the server")

    set = add = incr = delete = get


def test_without_a_cache_each_process_counts_and_the_log_says_so(
    bot: Bot, limit: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    limit(user=2, address=9, wrong_token=1, bot=9)
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.BrokenCache"}}
    assert statuses(Api(bot.owner), f"bots/{bot.pk}/", 3) == [200, 200, 429]
    assert "cache unreachable, each process counts by itself: OSError" in caplog.text
    assert "secret address" not in caplog.text


class TwoADay(UserRateThrottle):
    """A throttle of a host project."""

    rate = "2/day"


def test_a_hosts_own_throttles_count_too(bot: Bot, limit: Any, settings: Any) -> None:
    limit(hook=5)
    settings.REST_FRAMEWORK = {"DEFAULT_THROTTLE_CLASSES": [f"{__name__}.TwoADay"]}
    answers = [Api(bot.owner).get("bots/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["detail"].startswith("Request was throttled.")


def test_none_turns_all_limits_off(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {"API_THROTTLES": None}
    assert [kind().rate for kind in (*ApiView.entrance_classes, *ApiView.throttle_classes)] == [None] * 4
    assert statuses(caller("0" * 40, "Token"), "bots/", 25) == [401] * 25
