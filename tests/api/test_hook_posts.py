"""What is posted to a hook: nobody is told a sentence with holes unseen, and a key makes the same post one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from permabots.models import Hook, Notification
from tests.api.hook_world import DATA, FORM, TOLD, Owner
from tests.api.one_hook import hook as hook
from tests.api.one_hook import owner as owner
from tests.pipeline.conftest import telegram as telegram

pytestmark = pytest.mark.django_db(transaction=True)  # forms and words are alike on every database: keys are not


# What the data did not give


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"order": 7}, ["data.minutes"]),
        ({}, ["data.order", "data.minutes"]),
        ([1, 2], ["data.order", "data.minutes"]),
        (None, ["data.order", "data.minutes"]),
        ({"Order": 7, "minutes": 5}, ["data.order"]),
    ],
)
def test_the_answer_names_what_the_template_read_and_the_data_did_not_give(
    owner: Owner, hook: Any, body: Any, missing: list[str]
) -> None:
    answer = owner.post(hook, body)
    assert answer.status_code == 200
    assert answer.json()["warnings"] == [f"{name} is read by the template, and nothing gives it." for name in missing]


def test_complete_data_are_answered_without_warnings(owner: Owner, hook: Any) -> None:
    assert owner.post(hook, DATA).json() == {"id": Notification.objects.get().pk, "recipients": 1}


def test_what_a_template_asks_for_before_it_reads_it_is_not_missing(owner: Owner) -> None:
    text = "{% if data.note %}{{ data.note }}{% endif %}{{ data.name|default('you') }}"
    assert "warnings" not in owner.post(owner.hook({"Ann": 101}, text), {}).json()


def test_an_answer_says_that_nobody_will_be_told(owner: Owner) -> None:
    empty = owner.post(owner.hook({"Ann": 101}, "{% if data.urgent %}!{% endif %}"), {}).json()
    assert empty["warnings"] == ["Nobody is told: the text is empty."]
    broken = owner.post(owner.hook({"Ann": 101}, "{{ 1 / data.n }}", name="other"), {"n": 0}).json()
    assert len(broken["warnings"]) == 1
    assert broken["warnings"][0].startswith("Nobody is told, the template fails: text: ")


# Strict hooks


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b'{"order": 7}', "application/json", "data.minutes is read"),
        (b"order=7", FORM, "data.minutes is read"),
        (b'{"order": 7', FORM, "data.order is read"),
        (b"", FORM, "data.order is read"),
    ],
)
def test_a_strict_hook_refuses_before_anybody_is_told(owner: Owner, body: bytes, content_type: str, words: str) -> None:
    hook = owner.hook({"Ann": 101}, strict=True)
    assert hook["strict"] is True
    answer = owner.post(hook, body, content_type)
    assert answer.status_code == 400
    assert words in answer.json()["data"][0]
    assert owner.told(101) == [[]]
    assert not Notification.objects.exists()


def test_a_strict_hook_tells_what_is_complete(owner: Owner) -> None:
    hook = owner.hook({"Ann": 101}, strict=True)
    assert owner.post(hook, json.dumps(DATA).encode(), FORM).json()["recipients"] == 1
    assert owner.told(101) == [[TOLD]]


def test_a_strict_hook_refuses_data_on_which_its_template_fails(owner: Owner) -> None:
    hook = owner.hook({"Ann": 101}, "{{ 1 / data.n }}", strict=True)
    answer = owner.post(hook, {"n": 0})
    assert (answer.status_code, list(answer.json())) == (400, ["data"])


def test_a_hook_of_the_rest_api_is_not_strict_unless_it_says_so(owner: Owner, hook: Any) -> None:
    assert hook["strict"] is False
    owner.api("PUT", f"hooks/{hook['id']}/", {"strict": True})
    assert Hook.objects.get().strict


# The caller's key


@pytest.mark.sqlite
def test_an_empty_key_is_none(owner: Owner, hook: Any) -> None:
    for key in ("", ""):
        assert owner.post(hook, DATA, **{"Idempotency-Key": key}).status_code == 200
    assert Notification.objects.count() == 2


@pytest.mark.parametrize("key", ["x" * 201, "x" * 4000, "a\tb"])
@pytest.mark.sqlite
def test_a_key_that_cannot_be_kept_is_refused(owner: Owner, hook: Any, key: str) -> None:
    answer = owner.post(hook, DATA, **{"Idempotency-Key": key})
    assert (answer.status_code, list(answer.json())) == (400, ["idempotency_key"])
    assert not Notification.objects.exists()


@pytest.mark.parametrize("key", ["x" * 200, "ü".encode().decode("latin-1")])
@pytest.mark.sqlite
def test_a_key_that_can_be_kept_makes_the_same_post_one(owner: Owner, hook: Any, key: str) -> None:
    first, second = (owner.post(hook, DATA, **{"Idempotency-Key": key}).json() for _ in range(2))
    assert first == second
    assert owner.told(101) == [[TOLD]]


@pytest.mark.parametrize(
    "other", [{"order": 8, "minutes": 5}, {"order": True, "minutes": 5}, {"order": "7", "minutes": 5}, {}, [], None]
)
@pytest.mark.sqlite
def test_the_same_key_with_other_data_is_refused(owner: Owner, hook: Any, other: Any) -> None:
    first = {"order": 1, "minutes": 5} if other == {"order": True, "minutes": 5} else DATA
    owner.post(hook, first, **{"Idempotency-Key": "k"})
    answer = owner.post(hook, other, **{"Idempotency-Key": "k"})
    assert (answer.status_code, list(answer.json())) == (422, ["detail"])
    assert Notification.objects.get().data == first


@pytest.mark.sqlite
def test_the_same_data_written_otherwise_are_the_same(owner: Owner, hook: Any) -> None:
    bodies = [b'{"order": 7, "minutes": 5}', b'{ "minutes":5,"order":7 }', b'{"order": 7, "minutes": 5}']
    types = ["application/json", "application/json", FORM]
    ids = {
        owner.post(hook, body, kind, **{"Idempotency-Key": "k"}).json()["id"]
        for body, kind in zip(bodies, types, strict=True)
    }
    assert len(ids) == 1


@pytest.mark.sqlite
def test_a_repeat_is_answered_as_the_first_though_the_hook_has_become_strict(owner: Owner, hook: Any) -> None:
    first = owner.post(hook, {"order": 7}, **{"Idempotency-Key": "k"}).json()
    owner.api("PUT", f"hooks/{hook['id']}/", {"strict": True})
    second = owner.post(hook, {"order": 7}, **{"Idempotency-Key": "k"})
    assert (second.status_code, second.json()["id"]) == (200, first["id"])
