"""A bot is read, planned and written as a document over the REST API."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from permabots.pipeline.authoring import documents
from tests.api.conftest import ROOT, Api
from tests.factories import make_bot
from tests.pipeline.test_documents import DOCUMENT

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def shop(bot: Bot) -> Bot:
    documents.apply(bot, DOCUMENT)
    return bot


def url(bot: Bot) -> str:
    return f"{ROOT}bots/{bot.pk}/document/"


def put(api: Api, bot: Bot, document: Any, tag: str | None, query: str = "") -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return api("PUT", url(bot) + query, document, **headers)


def test_it_is_what_a_command_exports(api: Api, shop: Bot) -> None:
    answer = api("GET", url(shop))
    assert answer.json() == documents.export(shop)
    assert answer.headers["ETag"]
    assert "value" not in answer.json()["variables"][1]


def test_a_change_is_planned_then_made_and_the_rows_stay_the_same(api: Api, shop: Bot) -> None:
    read = api("GET", url(shop))
    document = read.json()
    document["handlers"][0]["response"]["text_template"] = "Changed"
    row = shop.handlers.get()
    expected = {
        "changes": [
            {
                "section": "handlers",
                "action": "changed",
                "name": "ask",
                "fields": [{"name": "response.text_template", "before": "Asked", "after": "Changed"}],
            }
        ]
    }
    planned = put(api, shop, document, read.headers["ETag"], "?dry_run=true")
    assert (planned.status_code, planned.json()) == (200, expected)
    assert shop.handlers.get().response.text_template == "Asked"
    made = put(api, shop, document, planned.headers["ETag"])
    assert (made.status_code, made.json()) == (200, expected)
    assert (shop.handlers.get().pk, shop.handlers.get().response.text_template) == (row.pk, "Changed")
    assert api("GET", url(shop)).headers["ETag"] == made.headers["ETag"] != read.headers["ETag"]


def test_who_has_not_seen_the_present_one_changes_nothing(api: Api, shop: Bot) -> None:
    tag = api("GET", url(shop)).headers["ETag"]
    shop.conversation_tests.all().delete()
    before = documents.export(shop)
    stale = put(api, shop, DOCUMENT, tag)
    assert stale.status_code == 412
    assert stale.json()["current"] == documents.export(shop), "without people"
    unconditional = put(api, shop, DOCUMENT, None)
    assert unconditional.status_code == 428
    assert "If-Match" in unconditional.json()["detail"]
    assert documents.export(shop) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 3}, "no document of the format"),
        ({"colours": []}, "the document: colours is not known"),
        ({"handlers": [{"name": "a"}]}, "handlers, 1: pattern, response is missing"),
        ({"handlers": [{"name": "a", "pattern": "(", "response": {"text_template": "a"}}]}, "handlers, 1: pattern"),
        ({"states": [{"name": "A b"}, {"name": "a B"}]}, "states, 2: There is another name 'a_b'."),
    ],
)
def test_an_error_is_told_with_its_place(api: Api, shop: Bot, change: Any, words: str) -> None:
    before = documents.export(shop)
    answer = put(api, shop, {**DOCUMENT, **change}, "*")
    assert answer.status_code == 400
    assert words in " ".join(answer.json()["non_field_errors"])
    assert documents.export(Bot.objects.get(pk=shop.pk)) == before


def test_a_new_bot_is_made_of_one(api: Api, shop: Bot) -> None:
    answer = api("POST", f"{ROOT}bots/document/", DOCUMENT)
    assert answer.status_code == 201
    made = Bot.objects.get(pk=answer.json()["id"])
    assert documents.export(made) == documents.export(shop)
    assert made.owner == shop.owner


def test_its_schema_is_answered(api: Api) -> None:
    assert api("GET", f"{ROOT}bots/document/schema/").json() == {"schema": documents.schema()}


def test_of_somebody_elses_bot_there_is_none(api: Api) -> None:
    other = make_bot()
    assert api("GET", url(other)).status_code == 404
    assert put(api, other, DOCUMENT, "*").status_code == 404
    assert not other.handlers.exists()


def test_every_example_can_be_read_and_made_into_a_bot(api: Api) -> None:
    names = api.get("bots/examples/").json()["examples"]
    assert names == documents.examples()
    for name in names:
        document = api.get(f"bots/examples/{name}/").json()
        made = api.post("bots/document/", document)
        assert made.status_code == 201
        assert documents.export(Bot.objects.get(pk=made.json()["id"])) == document
    assert api.get("bots/examples/nothing/").status_code == 404
