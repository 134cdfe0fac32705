"""The events of a bot, listed for its owner."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, BotEvent
from tests.api.conftest import Api
from tests.api.conftest import api as api
from tests.api.conftest import bot as bot
from tests.api.conftest import stranger as stranger

pytestmark = [pytest.mark.django_db]


def listed(api: Api, bot: Bot, query: str = "") -> list[dict[str, Any]]:
    answer = api.get(f"bots/{bot.pk}/events/{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_the_owner_sees_what_was_done_by_whom_newest_first(api: Api, bot: Bot) -> None:
    made = api.post(f"bots/{bot.pk}/env/", {"key": "color", "value": "red"}).json()
    api("PATCH", f"bots/{bot.pk}/env/{made['id']}/", {"value": "sesame"})
    api.delete(f"bots/{bot.pk}/env/{made['id']}/")
    events = listed(api, bot, "?source=api")
    assert [event["action"] for event in events] == ["deleted", "changed", "created"]
    assert {event["user"] for event in events} == {bot.owner.get_username()}
    assert {event["credential"] for event in events} == {"token"}
    assert {(event["kind"], event["object_id"], event["name"]) for event in events} == {
        ("environmentvar", made["id"], "color")
    }
    assert events[1]["fields_written"] == ["value"]
    assert "sesame" not in str(events)


def test_events_are_filtered_and_paged(api: Api, bot: Bot) -> None:
    for name in ("a", "b", "c"):
        api.post(f"bots/{bot.pk}/states/", {"name": name})
    answer = api.get(f"bots/{bot.pk}/events/?kind=state&limit=2").json()
    assert [event["name"] for event in answer["results"]] == ["c", "b"]
    assert [event["name"] for event in api.get(answer["next"].removeprefix("http://testserver")).json()["results"]] == [
        "a"
    ]
    assert listed(api, bot, "?action=deleted") == []
    assert listed(api, bot, "?since=2999-01-01T00:00:00Z") == []
    assert api.get(f"bots/{bot.pk}/events/?odd=1").status_code == 400


def test_nobody_else_sees_them_and_nobody_writes_them(api: Api, stranger: Api, bot: Bot) -> None:
    assert stranger.get(f"bots/{bot.pk}/events/").status_code == 404
    before = BotEvent.objects.count()
    for method in ("POST", "DELETE", "PUT", "PATCH"):
        assert api(method, f"bots/{bot.pk}/events/", {}).status_code == 405
    assert BotEvent.objects.count() == before
