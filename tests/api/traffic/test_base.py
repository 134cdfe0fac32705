"""What all views for known users have in common, tried on the notification hook: bodies that parsers break on."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404
from django.test import Client, override_settings
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import NotFound

from permabots.models import Hook, Notification
from permabots.pipeline.authoring.configuration import create_hook
from permabots.views.base import MAX_DEPTH, answer_error
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def hook() -> Hook:
    return create_hook(make_bot(), {"name": "ready", "key": "KEY1", "response": {"text_template": "x"}})


def post(hook: Hook, body: str, **headers: str) -> Any:
    token, _ = Token.objects.get_or_create(user=hook.bot.owner)
    headers = {"Authorization": f"Token {token.key}", **headers}
    return Client().post("/processing/hook/KEY1/", body, "application/json", headers=headers)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[" * 100_000, "nested more than 100 deep"),
        ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "nested more than 100 deep"),
        ('{"a": [1e999]}', "too large"),
        ('{"a": NaN}', "JSON"),
        ("{", "JSON"),
    ],
    ids=["very deep", "deep", "infinite", "not a number", "cut"],
)
def test_a_body_that_cannot_be_kept_is_400(hook: Hook, body: str, words: str) -> None:
    answer = post(hook, body)
    assert (answer.status_code, words in answer.json()) == (400, True)
    assert not Notification.objects.exists()


def test_a_body_as_deep_as_may_be_is_taken(hook: Hook) -> None:
    body = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert post(hook, body).status_code == 200


@override_settings(REST_FRAMEWORK={"EXCEPTION_HANDLER": "tests.api.traffic.nowhere"})
def test_how_the_host_tells_errors_of_its_own_api_changes_nothing(hook: Hook) -> None:
    assert Client().post("/processing/hook/KEY1/").status_code == 401


@pytest.mark.parametrize("error", [Http404("No Bot matches the given query."), NotFound()], ids=["Django's", "DRF's"])
def test_whatever_is_not_found_is_told_in_the_same_words(error: Exception) -> None:
    answer = answer_error(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data) == (404, {"detail": "Not found."})
