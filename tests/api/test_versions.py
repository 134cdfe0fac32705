"""``ETag`` and ``If-Match``: a caller that counts on a version is refused when it is stale; others write as ever."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, ChatState, EnvironmentVar, State
from permabots.pipeline.authoring.configuration import create_hook
from tests.api.conftest import Api
from tests.ends import overtaken
from tests.factories import make_conversation, make_handler, make_telegram

pytestmark = [pytest.mark.django_db]

PARAMETERS = [{"key": "k", "value_template": "v"}]


@pytest.fixture
def rows(bot: Bot, base: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """The address of a row of each kind, and a change of it."""
    handler = make_handler(bot, request={"url_template": "http://x/", "url_parameters": PARAMETERS})
    hook = create_hook(bot, {"name": "hook", "response": {"text_template": "x"}})
    state, end = (State.objects.create(bot=bot, name=name) for name in ("menu", "end"))
    chat = ChatState.objects.create(conversation=make_conversation(bot), provider="telegram", state=state)
    variable = EnvironmentVar.objects.create(bot=bot, key="k", value="v", secret=True)
    parameter = handler.request.url_parameters.get()
    return {
        "bot": (base, {"name": "new"}),
        "handler": (f"{base}handlers/{handler.pk}/", {"response": {"text_template": "new"}}),
        "parameter": (f"{base}handlers/{handler.pk}/urlparams/{parameter.pk}/", {"key": "k", "value_template": "new"}),
        "hook": (f"{base}hooks/{hook.pk}/", {"name": "new"}),
        "state": (f"{base}states/{end.pk}/", {"name": "new"}),
        "secret": (f"{base}env/{variable.pk}/", {"key": "k", "value": "new", "secret": True}),
        "chat state": (f"{base}chatstates/telegram/{chat.pk}/", {"state": {"name": "end"}}),
        "account": (f"{base}telegram/{make_telegram(bot).pk}/", {}),
    }


KINDS = ["bot", "handler", "parameter", "hook", "state", "secret", "chat state"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_stale_version_is_refused_with_the_present_one(api: Api, rows: Any, kind: str, method: str) -> None:
    path, change = rows[kind]
    stale = api.get(path).headers["ETag"]
    first = api("PATCH", path, change, **{"If-Match": stale})
    assert first.status_code == 200
    assert first.headers["ETag"] == api.get(path).headers["ETag"] != stale
    refused = api(method, path, change, **{"If-Match": stale})
    assert refused.status_code == 412
    assert refused.json() == {
        "detail": "The row has been changed since. Nothing was written.",
        "current": api.get(path).json(),
    }
    assert api.get(path).headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("kind", [*KINDS, "account"])
@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}', "*", None])
def test_the_present_version_any_or_none_is_carried_out(api: Api, rows: Any, kind: str, sent: str | None) -> None:
    path, _ = rows[kind]
    headers = {} if sent is None else {"If-Match": sent.format(api.get(path).headers["ETag"])}
    assert api("DELETE", path, None, **headers).status_code == 204


def test_an_account_that_somebody_else_disabled_is_not_removed_by_a_stale_call(api: Api, rows: Any) -> None:
    path, _ = rows["account"]
    assert api("DELETE", path, None, **{"If-Match": '"stale"'}).status_code == 412
    assert api.get(path).status_code == 200


def test_a_turn_makes_another_version_of_a_chats_state(api: Api, rows: Any, bot: Bot) -> None:
    path, change = rows["chat state"]
    seen = api.get(path).headers["ETag"]
    ChatState.objects.update(state=State.objects.get(name="end"))  # as a turn does
    assert api("PATCH", path, change, **{"If-Match": seen}).status_code == 412


def test_a_state_that_a_turn_writes_at_the_same_moment_is_409(api: Api, rows: Any, bot: Bot) -> None:
    path, change = rows["chat state"]
    other = State.objects.create(bot=bot, name="other")
    with overtaken(state=other):
        answer = api.patch(path, change)
    assert (answer.status_code, answer.json()["current"]["state"]["name"]) == (409, "other")


def test_what_a_turn_remembered_meanwhile_is_kept(api: Api, rows: Any) -> None:
    path, change = rows["chat state"]
    with overtaken(contexts={"menu": {"pattern": {}}}):
        assert api.patch(path, change).status_code == 200
    assert ChatState.objects.get().contexts == {"menu": {"pattern": {}}}
