"""Who waits for whom: the many tasks of one author are not ahead of another author's few."""

from __future__ import annotations

import pytest

from permabots.models import Recipient
from permabots.pipeline.authoring import integrations
from permabots.views.hooks.account_rate import FEW
from tests.factories import make_bot, make_handler
from tests.process.conftest import TOKEN, Road
from tests.process.test_hooks import make_hook, post, wait_until

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

QUIET = "5151:token"
FLOOD = 30


def test_an_answer_is_ahead_of_a_flood_and_of_notifications_that_came_before_it(road: Road) -> None:
    road.site.start_web()
    road.connect()
    quiet = make_bot()
    make_handler(quiet, ".*", "quiet")
    make_handler(road.bot, "hi", "loud")
    integrations.attach(quiet, "telegram", {"token": QUIET})
    hook = make_hook(road.bot)
    Recipient.objects.exclude(provider="telegram").delete()
    post(road, hook, "notice", recipients=3)
    for number in range(FLOOD):
        road.telegram.send_text(TOKEN, 100 + number, "hi")
    road.telegram.send_text(QUIET, 7, "hi")
    road.site.start_worker(concurrency=1)
    wait_until(lambda: len(road.telegram.sent()) == FLOOD + 3 + 1)
    texts = [sent.text for sent in road.telegram.sent()]
    assert texts.index("quiet") <= FEW, "only the messages before the account became busy are ahead of it"
    assert "notice" not in texts[: texts.index("quiet")]
    assert {text: texts.count(text) for text in set(texts)} == {"quiet": 1, "loud": FLOOD, "notice": 3}
