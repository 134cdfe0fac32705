"""Who may see what: only the owner, on every route, by the URL conf and not by a list."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern

from permabots.models import Bot
from permabots.pipeline.authoring.configuration import create_hook
from permabots.views.api.traffic.messages import urlpatterns
from tests.api.traffic.client import ROOT, ApiClient, tables
from tests.ends import make_delivery, make_message
from tests.factories import make_bot, make_user

pytestmark = [pytest.mark.django_db]

METHODS = {"get", "post", "put", "patch", "delete"}
ROUTES = [(pattern, method) for pattern in urlpatterns for method in sorted(METHODS)]


@pytest.fixture
def ids(bot: Bot) -> dict[str, Any]:
    """What the names in the routes stand for: rows of the bot."""
    hook = create_hook(bot, {"name": "ready", "response": {"text_template": "x"}})
    notice = make_delivery(hook, "parked")
    row = make_message(bot, "parked")
    return {"bot_id": bot.pk, "hook_id": hook.pk, "delivery_id": notice.pk, "message_id": row.pk}


def allows(pattern: URLPattern, method: str) -> bool:
    view: Any = pattern.callback
    return hasattr(view.view_class, method)


ALLOWED = [route for route in ROUTES if allows(*route)]


def call(pattern: URLPattern, method: str, ids: dict[str, Any], **headers: Any) -> Any:
    route = str(pattern.pattern)
    for name, value in ids.items():
        route = route.replace(f"<uuid:{name}>", str(value)).replace(f"<int:{name}>", str(value))
    body = {"text": "hello", "service": "telegram"} if pattern.name == "simulate" else None
    return getattr(Client(), method)("/api/" + route, body, content_type="application/json", **headers)


# Each goes through all routes with one bot, whose rows must be as they were in the end.


def test_the_owner_is_answered_and_a_wrong_method_is_405(api: ApiClient, ids: dict[str, Any]) -> None:
    for pattern, method in ROUTES:
        expected = 200 if allows(pattern, method) else 405
        with transaction.atomic():
            assert call(pattern, method, ids, headers=api.headers).status_code == expected, (method, pattern)
            transaction.set_rollback(True)


@pytest.mark.parametrize("token", [None, "Token wrong"], ids=["anonymous", "wrong token"])
def test_an_unknown_caller_is_401(ids: dict[str, Any], token: str | None, settings: Any) -> None:
    settings.PERMABOTS = {"API_THROTTLES": None}  # wrong tokens by the dozen
    before = tables()
    for pattern, method in ROUTES:
        answer = call(pattern, method, ids, headers={"Authorization": token} if token else {})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token"), (method, pattern)
    assert tables() == before


@pytest.mark.parametrize("whose", ["somebody else's", "nobody's"])
def test_what_is_not_the_callers_does_not_exist(bot: Bot, ids: dict[str, Any], whose: str) -> None:
    caller = ApiClient(bot, make_user())
    asked = {**ids, "bot_id": uuid4()} if whose == "nobody's" else ids
    before = tables()
    for pattern, method in ALLOWED:
        answer = call(pattern, method, asked, headers=caller.headers)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."}), (method, pattern)
    assert tables() == before


def test_rows_of_another_bot_are_not_found_under_ones_own(ids: dict[str, Any]) -> None:
    own = ApiClient(make_bot())
    for pattern, method in ALLOWED:
        answer = call(pattern, method, {**ids, "bot_id": own.bot.pk}, headers=own.headers)
        names_a_row = any(f":{name}>" in str(pattern.pattern) for name in ids if name != "bot_id")
        assert answer.status_code == (404 if names_a_row else 200), (method, pattern)
        if pattern.name == "message-list":
            assert answer.json()["results"] == []


def test_an_id_that_is_none_is_404(api: ApiClient) -> None:
    paths = (f"{ROOT}/5/messages/", api.url("messages/x/"), api.url("hooks/5/deliveries/"))
    assert [Client().get(path, headers=api.headers).status_code for path in paths] == [404, 404, 404]
