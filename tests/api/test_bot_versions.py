"""The versions of a bot are listed and restored over the REST API."""

from __future__ import annotations

import pytest

from permabots.models import Bot
from tests.api.conftest import ROOT, Api
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def url(bot: Bot, where: str = "") -> str:
    return f"{ROOT}bots/{bot.pk}/versions/{where}"


def test_a_change_is_listed_and_taken_back(api: Api, bot: Bot) -> None:
    made = api.post(
        f"{ROOT}bots/{bot.pk}/handlers/", {"name": "hello", "pattern": "a", "response": {"text_template": "Hello"}}
    ).json()
    api("PATCH", f"{ROOT}bots/{bot.pk}/handlers/{made['id']}/", {"pattern": "b"})
    newest, before = api.get(url(bot)).json()["results"][:2]
    assert (newest["source"], newest["user"]) == ("api", api.user.get_username())
    assert newest["changes"] == [
        {
            "section": "handlers",
            "action": "changed",
            "name": "hello",
            "fields": [{"name": "pattern", "before": "a", "after": "b"}],
        }
    ]
    expected = {**newest["changes"][0], "fields": [{"name": "pattern", "before": "b", "after": "a"}]}
    where = url(bot, f"{before['number']}/restore/")
    planned = api.post(f"{where}?dry_run=true", None)
    assert (planned.status_code, planned.json()) == (200, {"changes": [expected]})
    assert bot.handlers.get().pattern == "b"
    assert api.post(where, None).json() == {"changes": [expected]}
    assert (str(bot.handlers.get().pk), bot.handlers.get().pattern) == (made["id"], "a")


def test_one_that_is_not_kept_is_404(api: Api, bot: Bot) -> None:
    assert api.post(url(bot, "99/restore/"), None).status_code == 404


def test_of_somebody_elses_bot_there_is_none(api: Api) -> None:
    other = make_bot()
    assert api.get(url(other)).status_code == 404
    assert api.post(url(other, "1/restore/"), None).status_code == 404
