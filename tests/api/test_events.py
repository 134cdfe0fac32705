"""The events of a bot, listed for its owner."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from permabots.models import Bot, BotEvent
from permabots.views.api.traffic import events as events_view
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


def exported(api: Api, bot: Bot, query: str = "") -> tuple[str, str]:
    """Return the lines, and the address of the next ones."""
    answer = api.get(f"bots/{bot.pk}/events/export/{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson"), answer.content
    found = re.fullmatch(r'<http://testserver(.+)>; rel="next"', answer.get("Link", ""))
    return answer.content.decode(), found.group(1) if found else ""


def test_the_export_is_what_the_command_writes(api: Api, bot: Bot) -> None:
    api.post(f"bots/{bot.pk}/env/", {"key": "color", "value": "sesame"})
    out = StringIO()
    call_command("permabots_events", str(bot.pk), stdout=out)
    lines, following = exported(api, bot)
    assert (lines, following) == (out.getvalue(), "")
    events = [json.loads(line) for line in lines.splitlines()]
    assert [event["action"] for event in events] == ["created", "created"]
    assert {event["bot"] for event in events} == {str(bot.pk)}
    assert "sesame" not in lines


def test_an_export_goes_on_where_the_last_one_ended(api: Api, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_view, "EXPORTED", 2)
    for name in ("a", "b", "c"):
        api.post(f"bots/{bot.pk}/states/", {"name": name})
    lines, following = exported(api, bot, "?kind=state")
    assert [json.loads(line)["name"] for line in lines.splitlines()] == ["a", "b"]
    (rest,) = api.get(following).content.splitlines()
    assert json.loads(rest)["name"] == "c"
    assert exported(api, bot, f"?kind=state&after={json.loads(rest)['id']}") == ("", "")
    assert api.get(f"bots/{bot.pk}/events/export/?limit=2").status_code == 400
    assert api.get(f"bots/{bot.pk}/events/export/?after=-1").status_code == 400


def test_nobody_else_sees_them_and_nobody_writes_them(api: Api, stranger: Api, bot: Bot) -> None:
    assert stranger.get(f"bots/{bot.pk}/events/").status_code == 404
    assert stranger.get(f"bots/{bot.pk}/events/export/").status_code == 404
    before = BotEvent.objects.count()
    for method in ("POST", "DELETE", "PUT", "PATCH"):
        assert api(method, f"bots/{bot.pk}/events/", {}).status_code == 405
    assert BotEvent.objects.count() == before
