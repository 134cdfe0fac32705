"""What is done in the admin is told, and who did it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from permabots.models import Bot, BotEvent
from tests.admin.conftest import Browser

pytestmark = [pytest.mark.django_db]


def test_a_change_in_the_admin_is_an_event_of_its_user_and_is_shown(owner: Browser, bot: Bot) -> None:
    owner.post("bot_change", bot.pk, name="renamed", fallback_text="")
    event = BotEvent.objects.latest("pk")
    assert (event.source, event.user, event.fields) == ("admin", owner.user.get_username(), ["name"])
    source = owner.read("botevent_changelist")
    assert "renamed" in source
    owner.read("botevent_change", event.pk)


def test_somebody_elses_events_are_not_shown(stranger: Browser, bot: Bot) -> None:
    event = BotEvent.objects.filter(bot=bot).latest("pk")
    assert f"/{event.pk}/change/" not in stranger.read("botevent_changelist")
    assert stranger.get("botevent_change", event.pk).status_code in {302, 404}


def test_events_are_exported_one_a_line_oldest_first(bot: Bot) -> None:
    bot.name = "renamed"
    bot.save()
    out = StringIO()
    call_command("permabots_events", str(bot.pk), stdout=out)
    lines = out.getvalue().splitlines()
    assert [f'"action": "{action}"' in line for action, line in zip(("created", "changed"), lines, strict=True)] == [
        True,
        True,
    ]


def test_old_events_are_purged_by_their_own_setting(bot: Bot, settings: Any) -> None:
    BotEvent.objects.update(at=timezone.now() - timedelta(days=731))
    settings.PERMABOTS = {"RETENTION_EVENT_DAYS": 0}
    call_command("permabots_purge", stdout=StringIO())
    assert BotEvent.objects.exists()
    settings.PERMABOTS = {}
    call_command("permabots_purge", stdout=StringIO())
    assert not BotEvent.objects.exists()
