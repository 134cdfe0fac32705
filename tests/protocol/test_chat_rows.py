"""The rules of a chat's row hold in every interleaving, and each of them is needed."""

from __future__ import annotations

import pytest

from tests.protocol.chat_rows import RULES, ChatRows
from tests.protocol.explore import explore


def test_with_all_rules_nothing_goes_wrong() -> None:
    result = explore(ChatRows())
    assert result.broken == ""
    assert result.states > 1000


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_a_promise_breaks(rule: str) -> None:
    assert explore(ChatRows(rule)).broken
