"""A worker that is asked to end leaves what it has not begun, even in the middle of a long backlog."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from permabots.models import InboundMessage
from tests.process.conftest import TOKEN, Road, echo_bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]


def test_a_worker_with_a_long_backlog_ends_after_the_turn_in_hand(road: Road) -> None:
    """Ten messages of one chat wait, which one drain would answer in ten seconds: SIGTERM comes in the first."""
    road.user_api.add_route("/u/slow", {"ok": True}, delay=1.0)
    echo_bot(road, request={"url_template": f"{road.user_api.base}/slow"})
    road.site.start_web()
    road.connect()
    for number in range(10):
        road.telegram.send_text(TOKEN, 7, f"echo {number}")
    wait_for(lambda: InboundMessage.objects.count() == 10)
    worker = road.site.start_worker()
    wait_for(lambda: bool(road.user_api.requests))
    worker.signal(signal.SIGTERM)
    worker.process.wait(60)
    answered = InboundMessage.objects.filter(status="done").count()
    assert 0 < answered < 10, "the turn in hand is finished, and not all that waits is answered"
    assert road.unfinished() == (10 - answered, 0)
    assert len(road.telegram.texts(7)) == answered
    assert not InboundMessage.objects.filter(conversation__lease_token__isnull=False).exists()


def wait_for(true: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)
