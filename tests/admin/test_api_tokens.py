"""API tokens in the admin: a key is shown once, everybody has their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from permabots.models import ApiToken, Bot
from permabots.pipeline.authoring import api_tokens
from tests.admin.conftest import Browser, errors
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db]

KEY = re.compile(r"permabots_[0-9A-Za-z]{49}")


def shown_key(answer: Any) -> str:
    (key,) = KEY.findall(answer.content.decode())
    return str(key)


def bots_of(key: str) -> Any:
    answer = Client().get("/permabots/api/bots/", headers={"Authorization": f"Bearer {key}"})
    return [bot["id"] for bot in answer.json()] if answer.status_code == 200 else answer.status_code


def test_a_token_made_there_calls_the_api_and_its_key_is_shown_this_once(owner: Browser, bot: Bot) -> None:
    answer = owner.post("apitoken_add", name="ci", scopes=["read"], bots=[bot.pk])
    key = shown_key(answer)
    assert bots_of(key) == [str(bot.pk)]
    assert "no-store" in answer.headers["Cache-Control"]
    row = ApiToken.objects.get()
    assert row.user == owner.user
    for page in (owner.read("apitoken_changelist"), owner.read("apitoken_change", row.pk)):
        assert key not in page
        assert row.key_prefix in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"scopes": ["read"]}, "bots"),
        ({"scopes": ["read"], "all_bots": "on", "bots": "own"}, "bots"),
        ({"scopes": ["read"], "bots": "foreign"}, "bots"),
        ({"scopes": ["everything"], "all_bots": "on"}, "scopes"),
        ({"all_bots": "on"}, "scopes"),
        ({"scopes": ["tokens"], "all_bots": "on"}, "scopes"),
        ({"scopes": ["read"], "all_bots": "on", "expires_at": "2020-01-01T00:00"}, "expires_at"),
    ],
)
def test_what_no_token_may_have_is_refused_at_its_field(
    owner: Browser, root: Browser, bot: Bot, values: dict[str, Any], field: str
) -> None:
    places = {"own": bot.pk, "foreign": make_bot().pk}
    sent = {name: places.get(value, value) if name == "bots" else value for name, value in values.items()}
    assert errors(owner.post("apitoken_add", name="ci", **sent)).keys() == {field}
    assert not ApiToken.objects.exists()


def test_a_superuser_makes_no_token_for_bots_of_others(root: Browser, bot: Bot) -> None:
    assert errors(root.post("apitoken_add", name="ci", scopes=["read"], bots=[bot.pk])).keys() == {"bots"}


@pytest.mark.parametrize("column", ["key_digest", "previous_key_digest"])
def test_a_list_tells_no_digest_letter_by_letter(root: Browser, column: str) -> None:
    assert root.get("apitoken_changelist", **{f"{column}__startswith": "0"}).status_code == 400


def test_a_rotation_shows_the_new_key_and_ends_the_old_one(owner: Browser, bot: Bot) -> None:
    row, key = api_tokens.create(owner.user, {"name": "ci", "scopes": ["read"], "bots": [bot]})
    chosen = {"_selected_action": [row.pk]}
    new = shown_key(owner.post("apitoken_changelist", action="rotate_with_grace", **chosen))
    assert bots_of(key) == bots_of(new) == [str(bot.pk)]
    newest = shown_key(owner.post("apitoken_changelist", action="rotate", **chosen))
    assert (bots_of(key), bots_of(new), bots_of(newest)) == (401, 401, [str(bot.pk)])


def test_a_superuser_revokes_any_token_and_is_given_the_key_of_none(owner: Browser, root: Browser, bot: Bot) -> None:
    row, key = api_tokens.create(owner.user, {"name": "ci", "scopes": ["read"], "bots": [bot]})
    (said,) = root.act("apitoken_changelist", "rotate", row)
    assert "of your own" in said
    assert bots_of(key) == [str(bot.pk)]
    root.act("apitoken_changelist", "revoke", row)
    assert bots_of(key) == 401
    (said,) = owner.act("apitoken_changelist", "rotate", row)
    assert "revoked" in said
