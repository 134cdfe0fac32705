"""A text for each recipient of a hook."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Notification
from permabots.pipeline.hooks import post_check
from tests.api.hook_world import Owner
from tests.api.one_hook import owner as owner
from tests.api.told_people import hook as hook
from tests.pipeline.conftest import telegram as telegram

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


# A text for each


def test_a_template_knows_whom_it_tells(owner: Owner) -> None:
    text = "{{ recipient.name }} {{ recipient.chat_id + 1 }} {{ recipient.service }}: {{ data.time[recipient.name] }}"
    hook = owner.hook({"Ann": 101, "Bob": 102}, text, strict=True)
    assert owner.post(hook, {"time": {"Ann": "9:30", "Bob": "10:00"}}).status_code == 200
    assert owner.told(101, 102) == [["Ann 102 telegram: 9:30"], ["Bob 103 telegram: 10:00"]]


def test_a_keyboard_knows_whom_it_tells(owner: Owner) -> None:
    response = {"text_template": "Come?", "keyboard_template": "[['{{ recipient.name }} comes']]"}
    hook = owner.hook({"Ann": 101, "Bob": 102}, response=response)
    owner.post(hook, {})
    owner.told()
    buttons = [owner.telegram.messages(chat)[0]["reply_markup"]["inline_keyboard"] for chat in (101, 102)]
    assert [rows[0][0]["text"] for rows in buttons] == ["Ann comes", "Bob comes"]


def test_a_persons_name_cannot_break_their_text(owner: Owner) -> None:
    hook = owner.hook({"<b>A & B": 101}, "<i>{{ recipient.name }}</i>")
    owner.post(hook, {})
    assert owner.told(101) == [["<b>A & B"]]


def test_one_whose_text_cannot_be_rendered_keeps_nobody_else_waiting(owner: Owner) -> None:
    hook = owner.hook({"Ann": 101, "Bob": 102, "Cy": 103}, "{{ 60 / data.n[recipient.name] }}")
    owner.post(hook, {"n": {"Ann": 60, "Bob": 0, "Cy": 60}})
    assert owner.told(101, 102, 103) == [["1.0"], [], ["1.0"]]
    (row,) = owner.api("GET", f"hooks/{hook['id']}/deliveries/")["results"]
    assert row["status"] == "parked"
    assert row["error"].startswith("Bob: text: ")


def test_the_answer_says_of_whom_it_looked_at_that_they_are_not_told(owner: Owner) -> None:
    answer = owner.post(owner.hook({"Ann": 101}, "{{ 60 / data.n[recipient.name] }}"), {"n": {"Ann": 0}})
    (warning,) = answer.json()["warnings"]
    assert warning.startswith("Ann is not told, the template fails: text: ")


def test_those_who_could_not_be_told_are_told_once_the_template_is_right(owner: Owner) -> None:
    hook = owner.hook({"Ann": 101, "Bob": 102}, "{{ 60 / data.n[recipient.name] }}")
    pk = owner.post(hook, {"n": {"Ann": 60, "Bob": 0}}).json()["id"]
    assert owner.told(101, 102) == [["1.0"], []]
    owner.api("PUT", f"hooks/{hook['id']}/", {"response": {"text_template": "Hello {{ recipient.name }}"}})
    owner.api("POST", f"hooks/{hook['id']}/deliveries/{pk}/retry/")
    assert owner.told(101, 102) == [["1.0"], ["Hello Bob"]]
    assert Notification.objects.get().status == "done"


@pytest.mark.parametrize("query", [None, {"recipients": "Ann,Bob"}])
def test_a_strict_hook_refuses_data_with_a_hole_for_any_recipient(owner: Owner, query: Any) -> None:
    hook = owner.hook({"Ann": 101, "Bob": 102}, "At {{ data.time[recipient.name] }}.", strict=True)
    refused = owner.post(hook, {"time": {"Ann": "9:30"}}, query=query)
    assert refused.status_code == 400
    assert refused.json() == {"data": ["data.time.Bob is read by the template, and nothing gives it."]}
    assert owner.told(101, 102) == [[], []]


def test_a_hole_for_any_recipient_is_said_by_a_hook_that_is_not_strict(owner: Owner) -> None:
    hook = owner.hook({"Ann": 101, "Bob": 102}, "At {{ data.time[recipient.name] }}.")
    answer = owner.post(hook, {"time": {"Ann": "9:30"}})
    assert answer.json()["warnings"] == ["data.time.Bob is read by the template, and nothing gives it."]


def test_a_strict_hook_with_many_recipients_says_how_many_it_looked_at_and_checks_the_others_when_they_are_told(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_check, "MOST_CHECKED", 1)
    hook = owner.hook({"Ann": 101, "Bob": 102}, "At {{ data.time[recipient.name] }}.", strict=True)
    answer = owner.post(hook, {"time": {"Ann": "9:30"}})
    assert answer.json()["warnings"] == [
        "The texts of the first 1 recipients were checked: one with a gap among the others is not told."
    ]
    assert owner.told(101, 102) == [["At 9:30."], []]
    assert "data.time.Bob" in Notification.objects.get().error


def test_many_are_told_each_their_own(owner: Owner, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "FAN_OUT_BATCH": 2, "TELEGRAM_RATE": 0}
    people = {f"p{number}": 200 + number for number in range(7)}
    owner.post(owner.hook(people, "{{ recipient.name }}"), {})
    assert owner.told(*people.values()) == [[name] for name in people]
