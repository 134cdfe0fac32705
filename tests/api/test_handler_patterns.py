"""Patterns of handlers: how each is run, and why one cannot be used."""

from __future__ import annotations

import re
from typing import Any

import pytest

from permabots.models import Bot, Handler
from tests.api.conftest import Api
from tests.api.test_handlers import MINIMAL
from tests.factories import make_handler

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^hello$", []),
        (r"^/order (?P<id>\d+)$", []),
        ("(a+)+$", ["under a time limit", "0.5 s on one message", "a repeat inside a repeat"]),
        ("(?P<a>x)(?P=a)", ["more messages than it matches", "backreference"]),
        ("(?!b)", ["on every message"]),
    ],
)
def test_how_a_pattern_is_run_is_told_where_it_is_no_plain_one(
    api: Api, base: str, settings: Any, pattern: str, words: list[str]
) -> None:
    settings.PERMABOTS = {"MATCH_TIMEOUT": 0.5}
    made = api.post(base + "handlers/", {**MINIMAL, "pattern": pattern})
    path, note = f"{base}handlers/{made.json()['id']}/", made.json()["pattern_note"]
    assert made.status_code == 201
    assert [word for word in words if word not in note] == []
    assert bool(note) == bool(words)
    answers = [api.get(path), api.put(path, {"pattern": pattern}), api.patch(path, {"name": "other"})]
    assert [answer.json()["pattern_note"] for answer in answers] == [note] * 3


def test_a_list_does_not_work_out_how_patterns_are_run(
    api: Api, bot: Bot, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_handler(bot, "(a+)+$")
    checked: list[str] = []
    monkeypatch.setattr("permabots.serializers.handler.check_pattern", checked.append)
    (row,) = api.get(base + "handlers/").json()
    assert (row["pattern"], "pattern_note" in row, checked) == ("(a+)+$", False, [])


def test_a_pattern_that_was_stored_in_another_way_and_cannot_be_used_says_so(api: Api, bot: Bot, base: str) -> None:
    handler = make_handler(bot)
    Handler.objects.filter(pk=handler.pk).update(pattern="a(")
    note = api.get(f"{base}handlers/{handler.pk}/").json()["pattern_note"]
    assert note == "It is never found: missing ), unterminated subpattern at position 1."


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("ab(", "missing ), unterminated subpattern at position 2"),
        ("a{2,1}", "min repeat greater than max repeat at position 2"),
        ("[a", "unterminated character set at position 0"),
        ("(?P<n>a)(?P<n>b)", "redefinition of group name 'n'"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason_and_the_position(
    api: Api, base: str, pattern: str, reason: str
) -> None:
    answer = api.post(base + "handlers/", {**MINIMAL, "pattern": pattern})
    assert (answer.status_code, list(answer.json())) == (400, ["pattern"])
    (told,) = answer.json()["pattern"]
    assert reason in told
    assert re.search(r"at position \d+", told)
