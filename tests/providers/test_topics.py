"""Which topics an author may name, by messenger."""

from __future__ import annotations

import pytest

from permabots.models.registry import providers

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(("topic", "read"), [("", ""), ("2", "2"), ("77", "77"), ("0077", "77"), (str(2**31 - 1),) * 2])
def test_telegrams_are_numbers(topic: str, read: str) -> None:
    assert providers()["telegram"].read_topic(topic) == read


@pytest.mark.parametrize(
    ("messenger", "topic", "error"),
    [
        ("telegram", "1", "General"),
        ("telegram", "0", "from 2 to"),
        ("telegram", "-5", "from 2 to"),
        ("telegram", "builds", "from 2 to"),
        ("telegram", str(2**31), "from 2 to"),
        ("kik", "5", "no topics"),
        ("messenger", "5", "no topics"),
    ],
)
def test_what_can_be_none_is_refused_in_words(messenger: str, topic: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        providers()[messenger].read_topic(topic)


@pytest.mark.parametrize("messenger", ["kik", "messenger"])
def test_where_there_are_none_none_may_be_named(messenger: str) -> None:
    assert providers()[messenger].read_topic("") == ""
