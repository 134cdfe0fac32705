"""Whom a hook tells: all, those that the caller names, or those that its own template names."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Notification
from tests.api.hook_world import Owner
from tests.api.one_hook import owner as owner
from tests.api.told_people import PATIENTS, TEXT
from tests.api.told_people import hook as hook
from tests.pipeline.conftest import telegram as telegram

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
DATA = {"time": "9:30"}
TOLD = "Your appointment is at 9:30."


def told(owner: Owner) -> set[int]:
    """Return the chats that were told."""
    return {chat for chat, texts in zip(PATIENTS.values(), owner.told(*PATIENTS.values()), strict=True) if texts}


# Named by the caller


@pytest.mark.parametrize(
    ("named", "chats"),
    [
        ("Ann", {101}),
        ("Ann,Bob", {101, 102}),
        ([" Ann ", "Bob"], {101, 102}),
        ("Ann,Ann", {101}),
        ("102", {102}),
        ("telegram:102", {102}),
        ('["Lee, Cy"]', {103}),
        (["Ann", '["Lee, Cy", 102]'], {101, 102, 103}),
    ],
)
def test_only_those_are_told_whom_the_caller_names(owner: Owner, hook: Any, named: Any, chats: set[int]) -> None:
    answer = owner.post(hook, DATA, query={"recipients": named})
    assert (answer.status_code, answer.json()["recipients"]) == (200, len(chats))
    assert told(owner) == chats
    assert Notification.objects.get().data == DATA


def test_a_recipient_is_named_by_its_id_too(owner: Owner, hook: Any) -> None:
    bob = next(row for row in hook["telegram_recipients"] if row["name"] == "Bob")
    assert owner.post(hook, DATA, query={"recipients": bob["id"]}).json()["recipients"] == 1
    assert told(owner) == {102}


def test_all_of_one_name_are_told(owner: Owner, hook: Any) -> None:
    owner.api("POST", f"hooks/{hook['id']}/recipients/telegram/", {"chat_id": 104, "name": "Ann"})
    assert owner.post(hook, DATA, query={"recipients": "Ann"}).json()["recipients"] == 2
    assert owner.told(101, 102, 104) == [[TOLD], [], [TOLD]]


def test_who_names_nobody_in_the_address_tells_everybody_as_ever(owner: Owner, hook: Any) -> None:
    assert owner.post(hook, {**DATA, "recipients": "Ann"}).json()["recipients"] == 3
    assert told(owner) == {101, 102, 103}


@pytest.mark.parametrize(
    "query",
    [
        {"recipients": "Eve"},
        {"recipients": "Ann,Eve"},
        {"recipients": "ann"},
        {"recipients": ""},
        {"recipients": " , "},
        {"recipients": "[]"},
        {"recipients": '[{"name": "Ann"}]'},
        {"recipients": "kik:101"},
        {"recipients": "6f2c1f0e-0000-4000-8000-000000000000"},
        {"recipient": "Ann"},
        {"Recipients": "Ann"},
        {"recipents": "Ann"},
    ],
)
def test_a_name_that_is_nobodys_tells_nobody(owner: Owner, hook: Any, query: dict[str, str]) -> None:
    answer = owner.post(hook, DATA, query=query)
    assert (answer.status_code, list(answer.json())) == (400, list(query))
    assert not Notification.objects.exists()


def test_a_name_that_may_be_two_people_tells_nobody(owner: Owner, hook: Any) -> None:
    owner.api("POST", f"hooks/{hook['id']}/recipients/telegram/", {"chat_id": 104, "name": "101"})
    answer = owner.post(hook, DATA, query={"recipients": "101"})
    assert (answer.status_code, "telegram:101" in answer.text) == (400, True)
    assert owner.post(hook, DATA, query={"recipients": "telegram:101"}).status_code == 200
    assert owner.told(101, 104) == [[TOLD], []]


def test_a_chat_of_that_id_at_another_messenger_is_somebody_else(owner: Owner, hook: Any) -> None:
    owner.api("POST", f"hooks/{hook['id']}/recipients/messenger/", {"chat_id": "101", "name": "Zoe"})
    assert owner.post(hook, DATA, query={"recipients": "101"}).status_code == 400


def test_recipients_of_another_hook_are_nobody(owner: Owner, hook: Any) -> None:
    other = owner.hook({"Zoe": 105}, name="other")
    assert owner.post(hook, DATA, query={"recipients": "Zoe"}).status_code == 400
    assert owner.post(hook, DATA, query={"recipients": other["telegram_recipients"][0]["id"]}).status_code == 400


def test_the_same_key_for_others_is_refused(owner: Owner, hook: Any) -> None:
    statuses = [
        owner.post(hook, DATA, query={"recipients": named} if named else None, **{"Idempotency-Key": "k"}).status_code
        for named in ("Ann,Bob", "Bob,Ann", "Bob", "")
    ]
    assert statuses == [200, 200, 422, 422]
    assert told(owner) == {101, 102}


def test_somebody_who_was_deleted_meanwhile_is_not_told(owner: Owner, hook: Any) -> None:
    ann = next(row for row in hook["telegram_recipients"] if row["name"] == "Ann")
    owner.post(hook, DATA, query={"recipients": "Ann,Bob"})
    owner.api("DELETE", f"hooks/{hook['id']}/recipients/telegram/{ann['id']}/")
    assert told(owner) == {102}
    assert Notification.objects.get().status == "done"


# Named by the hook's own template


@pytest.mark.parametrize(
    ("template", "data", "chats"),
    [
        ("{{ data.patient }}", {"patient": "Bob"}, {102}),
        ("{{ data.patient }}", {"patient": 103}, {103}),
        ("telegram:{{ data.chat }}", {"chat": 101}, {101}),
        ("{{ data.patients|join(',') }}", {"patients": ["Ann", "Bob"]}, {101, 102}),
        ("{{ data.patients|tojson }}", {"patients": ["Lee, Cy", "Bob"]}, {102, 103}),
        ("{% for one in data.all %}\n{{ one.name }}{% endfor %}", {"all": [{"name": "Ann"}]}, {101}),
        ("{% if data.urgent %}Ann{% endif %}", {"urgent": False}, set()),
    ],
)
def test_the_hooks_template_says_who_is_told(
    owner: Owner, template: str, data: dict[str, Any], chats: set[int]
) -> None:
    hook = owner.hook(PATIENTS, TEXT, recipients_template=template)
    assert hook["recipients_template"] == template
    answer = owner.post(hook, {**DATA, **data})
    assert (answer.status_code, answer.json()["recipients"]) == (200, len(chats))
    assert told(owner) == chats


@pytest.mark.parametrize(
    ("template", "data"),
    [
        ("{{ data.patient }}", {"patient": "Eve"}),
        ("{{ data.patient }}", {"patient": "Ann,Eve"}),
        ("{{ data.patients }}", {"patients": ["Ann", "Eve"]}),
        ("{{ 1 / data.n }}", {"n": 0}),
    ],
)
def test_a_template_that_names_nobody_of_the_hook_tells_nobody(
    owner: Owner, template: str, data: dict[str, Any]
) -> None:
    hook = owner.hook(PATIENTS, TEXT, recipients_template=template)
    answer = owner.post(hook, {**DATA, **data})
    assert (answer.status_code, list(answer.json())) == (400, ["recipients"])
    assert told(owner) == set()


def test_data_that_do_not_say_who_tell_nobody_and_the_answer_says_so(owner: Owner) -> None:
    hook = owner.hook(PATIENTS, TEXT, recipients_template="{{ data.patient }}")
    answer = owner.post(hook, DATA).json()
    assert (answer["recipients"], told(owner)) == (0, set())
    assert answer["warnings"] == ["data.patient is read by the template, and nothing gives it."]
    owner.api("PUT", f"hooks/{hook['id']}/", {"strict": True})
    assert owner.post(hook, DATA).status_code == 400


def test_whom_the_caller_names_counts_before_the_template(owner: Owner) -> None:
    hook = owner.hook(PATIENTS, TEXT, recipients_template="{{ data.patient }}")
    owner.post(hook, {**DATA, "patient": "Bob"}, query={"recipients": "Ann"})
    assert told(owner) == {101}


def test_a_template_that_does_not_compile_is_refused_and_null_takes_it_away(owner: Owner, hook: Any) -> None:
    with pytest.raises(AssertionError, match="recipients_template"):
        owner.api("PUT", f"hooks/{hook['id']}/", {"recipients_template": "{{ data."})
    owner.api("PUT", f"hooks/{hook['id']}/", {"recipients_template": "Ann"})
    assert owner.api("PUT", f"hooks/{hook['id']}/", {"recipients_template": None})["recipients_template"] == ""
    owner.post(hook, DATA)
    assert told(owner) == {101, 102, 103}


def test_a_hook_by_code_asks_its_template_too(owner: Owner) -> None:
    owner.hook(PATIENTS, TEXT, recipients_template="{{ data.patient }}")
    owner.bot.handle_hook(owner.bot.hooks.get(), {**DATA, "patient": "Bob"})
    assert told(owner) == {102}
