"""Notification hooks and whom they tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_init

from permabots.models import Hook, Recipient, Response
from tests.api.conftest import Api

pytestmark = [pytest.mark.django_db]

HOOK = {"name": "hook", "response": {"text_template": "<b>{{ data.name }}</b>", "keyboard_template": '[["a"]]'}}


@pytest.fixture
def path(api: Api, base: str) -> str:
    return f"{base}hooks/{api.post(base + 'hooks/', HOOK).json()['id']}/"


def test_a_hook_gets_a_key_of_its_own(api: Api, base: str) -> None:
    made = api.post(base + "hooks/", {**HOOK, "key": "mine"}).json()
    assert (len(made["key"]), made["enabled"], made["response"]) == (22, True, HOOK["response"])
    assert (made["telegram_recipients"], made["kik_recipients"]) == ([], [])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({}, {}),
        ({"name": "n" * 200}, {"name": "n" * 200}),
        ({"enabled": False}, {"enabled": False}),
        ({"key": "mine"}, {}),
        ({"response": {"text_template": "new"}}, {"response": {**HOOK["response"], "text_template": "new"}}),
        ({"response": {"keyboard_template": None}}, {"response": {**HOOK["response"], "keyboard_template": ""}}),
    ],
)
def test_a_change_leaves_what_it_does_not_name(
    api: Api, path: str, method: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    before = api.get(path).json()
    after = api(method, path, body).json()
    assert {**after, "updated_at": None} == {**before, **change, "updated_at": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "n" * 201}, "name"),
        ({"response": None}, "response"),
        ({"response": {"text_template": ""}}, "response"),
    ],
)
def test_a_bad_change_changes_nothing(api: Api, path: str, body: dict[str, Any], field: str) -> None:
    before = api.get(path).json()
    answer = api.put(path, {"enabled": False, **body})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert api.get(path).json() == before


def test_a_deleted_hook_takes_its_parts_along(api: Api, path: str) -> None:
    api.post(f"{path}recipients/telegram/", {"chat_id": 7, "name": "me"})
    assert api.delete(path).status_code == 204
    assert not any(model.objects.exists() for model in (Hook, Recipient, Response))


@pytest.mark.parametrize("chat", [7, -1001234567890, 2**63 - 1])
def test_a_recipient_is_shown_as_its_provider_calls_it(api: Api, path: str, chat: int) -> None:
    made = api.post(f"{path}recipients/telegram/", {"chat_id": str(chat), "name": "me"}).json()
    assert (made["chat_id"], made["name"]) == (chat, "me")
    assert api.get(path).json()["telegram_recipients"] == [made]
    assert api.get(f"{path}recipients/telegram/").json() == [made]


@pytest.mark.parametrize("chat", ["abc", "", None, 2**63, 1.5, True, [7]])
def test_a_recipient_that_its_provider_cannot_have_is_refused(api: Api, path: str, chat: Any) -> None:
    answer = api.post(f"{path}recipients/telegram/", {"chat_id": chat, "name": "me"})
    assert (answer.status_code, list(answer.json())) == (400, ["chat_id"])


def test_a_recipient_belongs_to_its_hook(api: Api, base: str, path: str) -> None:
    made = api.post(f"{path}recipients/telegram/", {"chat_id": 7, "name": "me"}).json()
    other = api.post(base + "hooks/", HOOK).json()["id"]
    assert api.get(f"{base}hooks/{other}/recipients/telegram/{made['id']}/").status_code == 404
    assert api.put(f"{path}recipients/telegram/{made['id']}/", {"chat_id": 8, "name": "you"}).json()["chat_id"] == 8


@pytest.mark.parametrize(
    ("slug", "topic", "kept"),
    [
        *(("telegram", topic, None) for topic in ("0", "-77", "1", "7.5", "Builds", "\u0667", str(2**31), "7" * 200)),
        *(("telegram", topic, "77") for topic in (77, "77", " 77 ", "077")),
        *((slug, "77", None) for slug in ("kik", "messenger", "web")),
        *((slug, "", "") for slug in ("telegram", "kik", "messenger", "web")),
    ],
)
def test_a_topic_is_checked_by_the_rules_of_the_messenger(
    api: Api, path: str, slug: str, topic: Any, kept: str | None
) -> None:
    user = {"username": "ann"} if slug == "kik" else {}
    answer = api.post(f"{path}recipients/{slug}/", {"chat_id": "7", "name": "x", "topic": topic, **user})
    if kept is None:
        assert (answer.status_code, list(answer.json()), Recipient.objects.count()) == (400, ["topic"], 0)
    else:
        assert (answer.status_code, Recipient.objects.get().topic, answer.json().get("topic", "")) == (201, kept, kept)


def test_a_topic_of_a_chat_is_a_recipient_once(api: Api, path: str) -> None:
    path += "recipients/telegram/"
    made = {it: api.post(path, {"chat_id": -7, "name": f"t{it}", "topic": it}).json()["id"] for it in ("", "77", "78")}
    for method, place, topic in (("POST", "", 77), ("POST", "", ""), ("PATCH", f"{made['78']}/", "77")):
        answer = api(method, path + place, {"chat_id": -7, "name": "x", "topic": topic})
        assert (answer.status_code, list(answer.json())) == (400, ["chat_id"])
    assert api.put(f"{path}{made['78']}/", {"chat_id": -7, "name": "as old clients do"}).json()["topic"] == "78"
    assert api.patch(f"{path}{made['']}/", {"topic": "80"}).json()["topic"] == "80"


@pytest.fixture
def crowded(path: str) -> str:
    """A hook that has more recipients than it shows."""
    hook = Hook.objects.get()
    Recipient.objects.bulk_create(
        Recipient(
            hook=hook, provider=("telegram", "kik")[number % 2], chat_id=str(number), user_id="me", name=str(number)
        )
        for number in range(1, 1003)
    )
    return path


def numbers(hook: Any) -> list[int]:
    """Return how many recipients a hook shows, and how many it has."""
    return [len(hook["telegram_recipients"]) + len(hook["kik_recipients"]), hook["recipients_count"]]


def test_a_hook_shows_some_of_its_recipients_and_the_number_of_all(api: Api, base: str, crowded: str) -> None:
    api.post(base + "hooks/", HOOK)
    assert numbers(api.get(crowded).json()) == [1000, 1002]
    assert numbers(api.patch(crowded, {"name": "new"}).json()) == [1000, 1002]
    assert [numbers(hook) for hook in api.get(base + "hooks/").json()] == [[100, 1002], [0, 0]]
    assert len(api.get(f"{crowded}recipients/telegram/").json()) == 501


def test_recipients_that_are_not_shown_are_not_read(api: Api, crowded: str) -> None:
    read: list[int] = []

    def note(**_: Any) -> None:
        read.append(1)

    post_init.connect(note, sender=Recipient)
    try:
        api.get(crowded)
    finally:
        post_init.disconnect(note, sender=Recipient)
    assert len(read) == 1000
