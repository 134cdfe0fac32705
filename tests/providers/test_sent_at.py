"""When an event happened, where the proof of its call covers that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from permabots.providers.base.contract import Provider
from permabots.providers.kik.provider import Kik
from permabots.providers.messenger.provider import Messenger
from permabots.providers.telegram.provider import Telegram
from permabots.values import Inbound, Kind
from tests.providers.base.test_contract import Least

THEN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def inbound(moment: datetime) -> Inbound:
    milliseconds = int(moment.timestamp() * 1000)
    return Inbound("m1", milliseconds, Kind.TEXT, "hello", "7", "7", {"timestamp": milliseconds})


@pytest.mark.parametrize("kind", [Kik, Messenger])
def test_a_time_that_is_signed_is_known(kind: type[Provider]) -> None:
    assert kind().sent_at(inbound(THEN)) == THEN


@pytest.mark.parametrize("kind", [Least, Telegram])
def test_a_time_that_nothing_proves_is_not(kind: type[Provider]) -> None:
    assert kind().sent_at(inbound(THEN)) is None
