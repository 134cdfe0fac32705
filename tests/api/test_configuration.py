"""Bots, variables, states and parameters, and what code may write by the same rules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from permabots.models import Bot, EnvironmentVar, Handler, Request, Response, State
from permabots.pipeline.authoring.configuration import change_handler, create_handler, save
from tests.api.conftest import ROOT, Api
from tests.factories import make_handler

pytestmark = [pytest.mark.django_db]

CALLERS = 6


def test_a_bot_is_made_renamed_and_deleted(api: Api) -> None:
    made = api.post("bots/", {"name": " shop ", "id": "x", "telegram_bot": {"token": "1:a"}}).json()
    assert (made["name"], made["telegram_bot"]) == ("shop", None)
    path = f"bots/{made['id']}/"
    assert api.put(path, {"name": "store"}).json()["name"] == "store"
    assert api.put(path, {}).json() == {"name": ["This field is required."]}
    assert api.patch(path, {}).json()["name"] == "store"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_dates_are_in_utc_and_iso_8601(api: Api, base: str) -> None:
    assert api.get(base).json()["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("env/", {"key": "k", "value": "v"}, "key"),
        ("states/", {"name": "Main Menu"}, "name"),
        ("handlers/{handler}/urlparams/", {"key": "k", "value_template": "v"}, "key"),
        ("handlers/{handler}/headerparams/", {"key": "k", "value_template": "v"}, "key"),
        ("hooks/{hook}/recipients/telegram/", {"chat_id": 7, "name": "me"}, "chat_id"),
    ],
)
def test_a_double_is_refused_and_named(api: Api, base: str, bot: Bot, path: str, body: Any, field: str) -> None:
    handler = make_handler(bot, request={"url_template": "http://x/"})
    hook = api.post(base + "hooks/", {"name": "h", "response": {"text_template": "x"}}).json()["id"]
    path = base + path.format(handler=handler.pk, hook=hook)
    other = {**body, field: 8 if field == "chat_id" else "other"}
    first, second = api.post(path, body), api.post(path, other)
    assert (first.status_code, second.status_code) == (201, 201)
    assert api.put(f"{path}{first.json()['id']}/", body).status_code == 200
    for answer in (api.post(path, body), api.put(f"{path}{second.json()['id']}/", body)):
        assert (answer.status_code, list(answer.json())) == (400, [field])
    assert [row[field] for row in api.get(path).json()] == [body[field], other[field]]


@pytest.mark.parametrize("name", ["main menu", "MAIN_MENU", " Main  Menu "])
def test_states_are_one_when_templates_call_them_the_same(api: Api, base: str, bot: Bot, name: str) -> None:
    State.objects.create(bot=bot, name="Main Menu")
    assert list(api.post(base + "states/", {"name": name}).json()) == ["name"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_put_wants_every_field_and_patch_does_not(api: Api, base: str, bot: Bot, method: str) -> None:
    row = EnvironmentVar.objects.create(bot=bot, key="k", value="v", secret=True)
    answer = api(method, f"{base}env/{row.pk}/", {"value": "new"})
    assert answer.status_code == (400 if method == "PUT" else 200)
    row.refresh_from_db()
    assert (row.key, row.value, row.secret) == ("k", "v" if method == "PUT" else "new", True)


def test_a_change_raises_the_revision_of_the_bot(api: Api, base: str, bot: Bot) -> None:
    api.post(base + "env/", {"key": "k", "value": "v"})
    assert Bot.objects.get(pk=bot.pk).revision > bot.revision


def test_a_deleted_state_disables_the_handler_that_had_only_it(api: Api, base: str, bot: Bot) -> None:
    handler = make_handler(bot, source_states=["menu"])
    api.delete(f"{base}states/{State.objects.get().pk}/")
    shown = api.get(f"{base}handlers/{handler.pk}/").json()
    assert (shown["enabled"], "deleted" in shown["disabled_reason"]) == (False, True)


def test_a_source_state_is_linked_and_unlinked_and_stays(api: Api, base: str, bot: Bot) -> None:
    path = f"{base}handlers/{make_handler(bot).pk}/sourcestates/"
    made = api.post(path, {"name": "menu"}).json()
    state = {name: value for name, value in made.items() if name != "warnings"}  # that it is new
    assert api.post(path, {"name": "MENU"}).json() == state
    assert api.get(path).json() == [state]
    assert api.put(f"{path}{state['id']}/", {"name": "x"}).status_code == 405
    assert api.delete(f"{path}{state['id']}/").status_code == 204
    assert api.get(f"{path}{state['id']}/").status_code == 404
    assert State.objects.get().name == "menu"


def test_a_handler_without_a_request_has_no_parameters(api: Api, base: str, bot: Bot) -> None:
    path = f"{base}handlers/{make_handler(bot).pk}/urlparams/"
    assert api.get(path).json() == []
    answer = api.post(path, {"key": "k", "value_template": "v"})
    assert (answer.status_code, list(answer.json())) == (400, ["non_field_errors"])


@pytest.mark.parametrize("body", ["[1]", "null", '"x"', "5", "{", "", '{"name": "\\ud83d"}', "\xff"])
@pytest.mark.parametrize("path", ["bots/", "{base}handlers/", "{base}hooks/", "{base}env/", "{base}telegram/"])
def test_a_body_that_is_no_object_is_a_400(api: Api, base: str, path: str, body: str) -> None:
    assert api("POST", path.format(base=base), body.encode("latin-1")).status_code == 400


def test_a_form_is_taken_and_what_it_leaves_out_is_left_out(api: Api, base: str, bot: Bot) -> None:
    headers = {"Authorization": f"Token {_token(api)}"}
    answer = api.client.generic(
        "POST", f"{ROOT}{base}env/", "key=k&value=v", content_type="application/x-www-form-urlencoded", headers=headers
    )
    assert (answer.status_code, answer.json()["value"]) == (201, "v")


def test_code_that_writes_a_bad_part_leaves_nothing(bot: Bot) -> None:
    bad = {"url_template": "http://x/", "url_parameters": [{"key": "k", "value_template": "{{ a"}]}
    values = {"name": "h", "pattern": "x", "response": {"text_template": "hi"}, "request": bad}
    with pytest.raises(ValidationError):
        create_handler(bot, values)
    assert not any(model.objects.exists() for model in (Handler, Request, Response))


def test_code_that_changes_to_a_bad_part_changes_nothing(bot: Bot) -> None:
    handler = make_handler(bot)
    with pytest.raises(ValidationError):
        change_handler(handler, {"response": {"text_template": "new"}, "pattern": "("})
    assert Handler.objects.select_related("response").get().response.text_template == "Hi"


def test_code_that_writes_a_double_is_told_the_field(bot: Bot) -> None:
    EnvironmentVar.objects.create(bot=bot, key="k", value="v")
    with pytest.raises(ValidationError) as error:
        save(EnvironmentVar(bot=bot), {"key": "k", "value": "w"})
    assert list(error.value.message_dict) == ["key"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("env/", {"key": "k", "value": "v"}),
        ("states/", {"name": "menu"}),
        ("hooks/{hook}/recipients/telegram/", {"chat_id": 7, "name": "me"}),
        ("handlers/{handler}/urlparams/", {"key": "k", "value_template": "v"}),
    ],
)
def test_of_callers_at_one_time_one_makes_the_row_and_the_others_are_told(
    api: Api, base: str, bot: Bot, path: str, body: Any
) -> None:
    handler = make_handler(bot, request={"url_template": "http://x/"})
    hook = api.post(base + "hooks/", {"name": "h", "response": {"text_template": "x"}}).json()["id"]
    path, start = base + path.format(handler=handler.pk, hook=hook), Barrier(CALLERS)

    def post(_: int) -> int:
        try:
            start.wait(20)
            return int(Api(bot.owner).post(path, body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        assert sorted(pool.map(post, range(CALLERS))) == [201, *[400] * (CALLERS - 1)]
    assert len(api.get(path).json()) == 1


@pytest.mark.django_db(transaction=True)
def test_handlers_made_at_one_time_share_a_new_state(api: Api, base: str, bot: Bot) -> None:
    _token(api)
    start = Barrier(CALLERS)
    body = {"name": "h", "pattern": "x", "response": {"text_template": "x"}, "target_state": {"name": "menu"}}

    def post(_: int) -> int:
        try:
            start.wait(20)
            return int(Api(bot.owner).post(base + "handlers/", body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        assert set(pool.map(post, range(CALLERS))) == {201}
    assert State.objects.count() == 1


def _token(api: Api) -> str:
    api.get("bots/")
    return str(api.user.auth_token.key)
