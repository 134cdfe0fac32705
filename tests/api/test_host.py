"""What a host project sets for its own API has no say here."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from django.test import override_settings

from permabots.models import Bot
from permabots.urls_api import urlpatterns
from tests.api.conftest import Api

pytestmark = [pytest.mark.django_db]

SETTINGS = (
    *("renderer_classes", "parser_classes", "permission_classes", "throttle_classes", "content_negotiation_class"),
    *("versioning_class", "get_authenticators", "get_exception_handler"),
)
GENERIC = ("pagination_class", "filter_backends", "metadata_class")
VIEWS = sorted({route.callback.cls for route in urlpatterns}, key=lambda view: str(view.__name__))


@pytest.mark.parametrize("view", VIEWS, ids=[view.__name__ for view in VIEWS])
def test_a_view_takes_nothing_from_the_hosts_settings(view: Any) -> None:
    wanted = [*SETTINGS, *(GENERIC if hasattr(view, "pagination_class") else ())]
    ours = {name for part in view.__mro__ if part.__module__.startswith("permabots.") for name in vars(part)}
    assert set(wanted) <= ours


@override_settings(
    REST_FRAMEWORK={
        "EXCEPTION_HANDLER": "tests.api.nowhere",
        "NON_FIELD_ERRORS_KEY": "all",
        "DATETIME_FORMAT": "%Y",
        "URL_FORMAT_OVERRIDE": "name",
        "PAGE_SIZE": 1,
    },
    TIME_ZONE="Asia/Tokyo",
)
def test_answers_are_the_same_whatever_the_host_sets(api: Api, bot: Bot, base: str) -> None:
    assert api.post("bots/", [1]).json().keys() == {"non_field_errors"}
    assert api.post(base + "handlers/", {"response": [1]}).json()["response"].keys() == {"non_field_errors"}
    assert api.get(base).json()["created_at"] == bot.created_at.isoformat().replace("+00:00", "Z")
    assert api.get("bots/?name=xml").status_code == 200


@override_settings(
    PERMABOTS={"API_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"]},
)
def test_who_calls_is_said_as_the_settings_of_permabots_say(api: Api) -> None:
    assert api.get("bots/").status_code == 401
    api.user.set_password("x")
    api.user.save()
    basic = {"Authorization": "Basic " + b64encode(f"{api.user.username}:x".encode()).decode()}
    assert api.client.get("/permabots/api/bots/", headers=basic).status_code == 200
