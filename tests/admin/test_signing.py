"""The page on which a bot's requests come to be signed."""

from __future__ import annotations

import pytest

from permabots.models import Bot, SigningSecret
from tests.admin.conftest import Browser

pytestmark = [pytest.mark.django_db]


def test_the_secret_stands_on_the_page_that_made_it_and_on_no_other(owner: Browser, bot: Bot) -> None:
    assert "Requests are not signed." in owner.read("bot_signing", bot.pk)
    answer = owner.post("bot_signing", bot.pk, step="rotate")
    secret = SigningSecret.objects.get(bot=bot).current_secret
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in owner.read("bot_signing", bot.pk) + owner.read("bot_change", bot.pk)
    assert secret not in owner.read("bot_history", bot.pk)


def test_a_secret_is_replaced_the_one_before_dropped_and_signing_ended(owner: Browser, bot: Bot) -> None:
    for step, in_force in (("stop", 0), ("rotate", 1), ("rotate", 2), ("retire", 1), ("odd", 1), ("stop", 0)):
        owner.post("bot_signing", bot.pk, step=step)
        row = SigningSecret.objects.filter(bot=bot).first()
        assert (len(row.in_force()) if row else 0) == in_force, step


def test_somebody_elses_bot_has_no_such_page(stranger: Browser, bot: Bot) -> None:
    assert stranger.get("bot_signing", bot.pk).status_code == 404
    assert stranger.post("bot_signing", bot.pk, step="rotate").status_code == 404
    assert not SigningSecret.objects.exists()
