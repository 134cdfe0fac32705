"""A bot's web chat by the API: made without an account anywhere, changed in place, found at its address."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from permabots.exceptions import IntegrationRefused
from permabots.models import Bot, Conversation, WebBot, WebMessage, WebVisitor
from permabots.pipeline.authoring import removals
from permabots.pipeline.authoring.integrations import attach, change
from tests.api.conftest import Api
from tests.factories import make_bot
from tests.web_chat.talking import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

DOMAIN = "https://bots.example.com"
REFUSED = "Web chat Error. Choose another address."
REASON = "another web chat has the address 'taken'"


@pytest.fixture(autouse=True)
def domain(settings: Any) -> None:
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "WEBHOOK_DOMAIN": DOMAIN}


def is_open(slug: str) -> bool:
    """Whether there is a chat at an address: it asks strangers for a token then."""
    return {401: True, 404: False}[Client().get(f"/chat/{slug}/messages/").status_code]


def is_refused(answer: Any) -> bool:
    """Whether an address was refused in words."""
    said = answer.json()
    return (answer.status_code, said["error"], said["reason"].endswith(REASON)) == (400, REFUSED, True)


def connect(api: Api, base: str, **values: Any) -> str:
    answer = api.post(f"{base}web/", values)
    assert answer.status_code == 201, answer.content
    return f"{base}web/{answer.json()['id']}/"


def test_a_web_chat_needs_nothing_and_has_the_name_of_its_bot(api: Api, base: str, bot: Bot) -> None:
    made = api.post(f"{base}web/", {}).json()
    assert (made["slug"], made["title"], made["url"]) == ("shop", "shop", f"{DOMAIN}/chat/shop/")
    assert (made["enabled"], made["public"], made["identity"], made["start"]) == (True, True, "off", "button")
    assert (made["origins"], made["theme"], made["greeting"], made["consent_text"]) == ([], {}, "", "")
    assert api.get(base).json()["web_bot"] == made
    assert is_open("shop")


def test_its_secret_is_taken_and_shown_nowhere(api: Api, base: str) -> None:
    path = connect(api, base, identity="required", identity_secret="a-secret-of-mine-that-nobody-guesses")
    shown = [api.get(where).content.decode() for where in (path, base, f"{path}status/", f"{base}events/")]
    assert not any("secret-of" in text or 'identity_secret":' in text for text in shown)
    assert WebBot.objects.get().identity_secret == "a-secret-of-mine-that-nobody-guesses"


@pytest.mark.parametrize(
    ("domain", "url"), [(None, "http://127.0.0.1:8000/chat/shop/"), ("http://bots.example.com", "")]
)
def test_no_domain_of_messengers_is_needed(api: Api, base: str, settings: Any, domain: str | None, url: str) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": domain}
    assert api.post(f"{base}web/", {}).json()["url"] == url


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"slug": "No such"}, "slug"),
        ({"slug": "a" * 51}, "slug"),
        ({"slug": "-a"}, "slug"),
        ({"slug": "a/b"}, "slug"),
        ({"title": "x" * 81}, "title"),
        ({"greeting": "x" * 1001}, "greeting"),
        ({"start": "later"}, "start"),
        ({"identity": "perhaps"}, "identity"),
        ({"public": None}, "public"),
        ({"origins": "https://example.com"}, "origins"),
        ({"origins": ["example.com"]}, "origins"),
        ({"origins": ["https://example.com/path"]}, "origins"),
        ({"origins": ["https://example.com; script-src *"]}, "origins"),
        ({"origins": [1]}, "origins"),
        ({"origins": ["https://example.com"] * 21}, "origins"),
        ({"origins": None}, "origins"),
        ({"theme": None}, "theme"),
        ({"webhook_url": "x"}, "webhook_url"),
        ({"account": "x"}, "account"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(api: Api, base: str, values: dict[str, Any], field: str) -> None:
    answer = api.post(f"{base}web/", values)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not WebBot.objects.exists()
    path = connect(api, base)
    before = api.get(path).json()
    answer = api.patch(path, values)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert api.get(path).json() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_address_can_be_changed_and_people_stay(api: Api, base: str, method: str) -> None:
    path = connect(api, base)
    person = Person(WebBot.objects.get())
    person.say("hello")
    answer = api(method, path, {"slug": "new-one", "enabled": True})
    assert (answer.status_code, answer.json()["url"]) == (200, f"{DOMAIN}/chat/new-one/")
    assert [is_open(slug) for slug in ("shop", "new-one")] == [False, True]
    person.address = "/chat/new-one/"
    assert person.texts() == ["p:hello"]
    assert api.get(f"{path}status/").json()["account"] == "new-one"


def test_an_address_that_is_free_again_may_be_taken(api: Api, base: str) -> None:
    path = connect(api, base, slug="taken")
    assert api.patch(path, {"slug": "other"}).status_code == 200
    attach(make_bot(), "web", {"slug": "taken"})
    assert is_refused(api.patch(path, {"slug": "taken"}))


def test_an_address_of_another_chat_is_refused_and_nothing_changes(api: Api, base: str) -> None:
    attach(make_bot(), "web", {"slug": "taken"})
    assert is_refused(api.post(f"{base}web/", {"slug": "taken"}))
    assert WebBot.objects.count() == 1
    path = connect(api, base, slug="mine", title="Mine")
    before = api.get(path).json()
    for method in ("PUT", "PATCH"):
        assert is_refused(api(method, path, {"slug": "taken", "title": "Other", "enabled": True}))
    assert api.get(path).json() == before
    assert is_open("mine")


def test_an_empty_address_keeps_the_one_it_has_and_an_empty_title_is_the_bots(api: Api, base: str) -> None:
    path = connect(api, base, slug="mine", title="Mine")
    changed = api.patch(path, {"slug": "", "title": ""}).json()
    assert (changed["slug"], changed["title"]) == ("mine", "")
    assert WebBot.objects.get().visible_title() == "shop"


def test_connected_again_it_is_the_same_chat_with_its_people(api: Api, base: str) -> None:
    first = connect(api, base, slug="mine", title="Mine", greeting="Hello!")
    Person(WebBot.objects.get()).say("hello")
    assert connect(api, base) == connect(api, base, slug="mine") == first
    shown = api.get(first).json()
    assert (shown["slug"], shown["title"], shown["greeting"]) == ("mine", "Mine", "Hello!")
    assert WebVisitor.objects.count() == WebBot.objects.count() == 1


def test_a_name_that_is_taken_gets_an_end(api: Api, base: str) -> None:
    attach(make_bot(), "web", {})
    slug = api.post(f"{base}web/", {}).json()["slug"]
    assert slug.startswith("shop-")
    assert slug != "shop-"


def test_a_name_without_letters_gets_an_address_all_the_same() -> None:
    for name in ("商店", "!!!", "_x_", "a" * 100):
        row: Any = attach(make_bot(name=name), "web", {})
        row.full_clean()
        assert is_open(row.slug)


def test_a_disabled_chat_is_at_no_address(api: Api, base: str) -> None:
    path = connect(api, base)
    assert api.patch(path, {"enabled": False}).status_code == 200
    assert not is_open("shop")
    assert api.patch(path, {"enabled": True}).status_code == 200
    assert is_open("shop")


def test_a_disconnected_chat_is_at_no_address_and_nothing_of_its_people_is_kept(api: Api, base: str) -> None:
    path = connect(api, base)
    Person(WebBot.objects.get()).say("hello")
    assert api.delete(path).status_code == 204
    assert not is_open("shop")
    removals.finish()
    assert not WebBot.objects.exists()
    assert not (WebVisitor.objects.exists() or WebMessage.objects.exists())
    assert api.post(f"{base}web/", {}).json()["slug"] == "shop"


def test_of_a_deleted_bot_nothing_is_kept(api: Api, base: str) -> None:
    connect(api, base)
    Person(WebBot.objects.get()).say("hello")
    assert api.delete(base).status_code == 204
    assert not (WebVisitor.objects.exists() or WebMessage.objects.exists() or Conversation.objects.exists())
    removals.finish()
    assert not WebBot.objects.exists()


def test_status_says_that_nothing_is_missing(api: Api, base: str) -> None:
    status = api.get(f"{connect(api, base)}status/").json()
    assert (status["account"], status["problem"], status["refused"]) == ("shop", "", "")
    assert (status["url"], status["expected_url"], status["authenticated"]) == ("", "", True)


def race(*calls: Any) -> list[str]:
    """Make calls at the same time; returns what each came to."""
    start, ends = Barrier(len(calls)), list[str]()

    def run(call: Any) -> None:
        start.wait()
        try:
            call()
            ends.append("taken")
        except IntegrationRefused as error:
            ends.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_two_bots_that_want_one_address_at_once_get_one_of_it() -> None:
    bots = [make_bot(), make_bot()]
    ends = race(*(lambda bot=bot: attach(bot, "web", {"slug": "taken"}) for bot in bots))
    assert len(ends) == 2
    assert (ends[0].endswith(REASON), ends[1]) == (True, "taken")
    assert WebBot.objects.get().account == "taken"


def test_two_chats_that_want_one_new_address_at_once_get_one_of_it() -> None:
    rows: list[Any] = [attach(make_bot(), "web", {"slug": name}) for name in ("one", "two")]
    ends = race(*(lambda row=row: change(row, {"slug": "taken", "title": "New"}, enabled=True) for row in rows))
    assert len(ends) == 2
    assert (ends[0].endswith(REASON), ends[1]) == (True, "taken")
    stored = list(WebBot.objects.values_list("slug", "account", "title"))
    assert ("taken", "taken", "New") in stored
    assert sorted(title for _, _, title in stored) == ["New", "shop"]
    assert all(slug == account for slug, account, _ in stored)
