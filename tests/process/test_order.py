"""Who waits for whom: the many tasks of one author are not ahead of another author's few."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from permabots.models import Recipient
from permabots.pipeline.authoring import integrations
from permabots.providers.base.signatures import signed
from tests.factories import make_bot, make_handler
from tests.process.conftest import Road
from tests.process.test_hooks import CREDENTIALS, make_hook, post, wait_until

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

QUIET = "5151:token"
FLOOD = 30


def flood(road: Road, page: Any) -> None:
    """Bring messages of many people in one call, as Facebook does after an outage."""
    sent_at = int(time.time() * 1000)
    events = [
        {
            "sender": {"id": str(9100 + number)},
            "recipient": {"id": page.account},
            "timestamp": sent_at + number,
            "message": {"mid": f"m{number}", "text": "hi"},
        }
        for number in range(FLOOD)
    ]
    entry = {"id": page.account, "time": sent_at, "messaging": events}
    body = json.dumps({"object": "page", "entry": [entry]}).encode()
    headers = {"X-Hub-Signature-256": f"sha256={signed(body, page.app_secret, 'sha256')}"}
    url = f"{road.site.url}/processing/messengerbot/{page.pk}/"
    assert requests.post(url, body, headers=headers, timeout=30).status_code == 200


def test_an_answer_is_ahead_of_a_flood_and_of_notifications_that_came_before_it(road: Road) -> None:
    road.site.start_web()
    road.connect()
    page = integrations.attach(road.bot, "messenger", CREDENTIALS["messenger"])
    quiet = make_bot()
    integrations.attach(quiet, "telegram", {"token": QUIET})
    make_handler(quiet, ".*", "quiet")
    make_handler(road.bot, "hi", "loud")
    hook = make_hook(road.bot)
    Recipient.objects.exclude(provider="telegram").delete()
    post(road, hook, "notice", recipients=3)
    flood(road, page)
    road.telegram.send_text(QUIET, 7, "hi")
    road.site.start_worker(concurrency=1)
    wait_until(lambda: len(road.telegram.sent()) == 4 and len(road.messenger.sent()) == FLOOD)
    sent = sorted((*road.telegram.sent(), *road.messenger.sent()), key=lambda one: one.monotonic)
    assert [one.text for one in sent] == ["quiet", *["loud"] * FLOOD, *["notice"] * 3]
