"""Questions that cannot be simulated: what is wrong with them is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.traffic.client import ApiClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"service": None}, "service"),
        ({"provider": "kik", "service": "telegram"}, "service"),
        ({"service": "icq"}, "service"),
        ({"service": "\ud800"}, "service"),
        ({"text": None}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "\0"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"kind": "ignored"}, "kind"),
        ({"state": "nowhere"}, "state"),
        ({"state": 5.5}, "state"),
        ({"contexts": []}, "contexts"),
        ({"contexts": {"a": 1}}, "contexts"),
        ({"chat": "seven"}, "chat"),
        ({"chat": "9" * 30}, "chat"),
        ({"user": "\u0667"}, "user"),
        ({"response": "ok"}, "response"),
        ({"response": {"status": 99}}, "response"),
        ({"response": {"status": 600}}, "response"),
        ({"response": {"status": "fine"}}, "response"),
        ({"responses": {}}, "responses"),
    ],
    ids=str,
)
def test_a_field_that_cannot_be_used_is_named(api: ApiClient, body: Any, field: str) -> None:
    answer = api.post("simulate/", {"text": "hello", "service": "telegram", **body})
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize("body", [{"provider": None}, {"provider": "icq"}, {}])
def test_a_provider_that_there_is_not_is_named(api: ApiClient, body: Any) -> None:
    answer = api.post("simulate/", {"text": "hello", **body})
    assert (answer.status_code, list(answer.json())) == (400, ["provider"])


@pytest.mark.parametrize("body", [[], "text", 5, None])
def test_what_is_no_object_is_400(api: ApiClient, body: Any) -> None:
    assert api.post("simulate/", body).status_code == 400
