"""What the playground refuses, and to whom."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import resolve

from permabots.admin.playground import session
from tests.admin.conftest import Browser, url
from tests.api.conftest import Api
from tests.api.traffic.client import tables
from tests.factories import make_bot
from tests.playground.talking import Talk, messages

pytestmark = [pytest.mark.django_db]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"state": "nowhere"}, "state: This bot has no state of that name."),
        ({"service": "pigeon"}, 'service: "pigeon" is not a valid choice.'),
        ({"service": None}, "service: This field may not be null."),
        ({"kind": "shout"}, 'kind: "shout" is not a valid choice.'),
        ({"text": "x" * 10_001}, "text: Ensure this field has no more than 10000 characters."),
        ({"response": {"status": 200, "data": "{"}}, "The API's answer is not JSON."),
        ({"response": {"status": 200, "data": "NaN"}}, "The API's answer is not JSON."),
        ({"response": {"status": 7, "data": "{}"}}, "response: status: An answer has a status"),
        ({"session": "x"}, "not one of this page"),
        ({"session": "x" * 200_001}, "too long"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(talk: Talk, body: Any, error: str) -> None:
    assert error in talk.refused(**body)


@pytest.mark.parametrize("source", ["", "[]", "{", "\xff", "[" * 100_000])
def test_what_is_no_json_object_is_refused(talk: Talk, source: str) -> None:
    answer = talk.post("playground_say", source)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_state_that_is_gone_ends_the_conversation(talk: Talk) -> None:
    talk.say("hello")
    talk.bot.states.get(name="menu").delete()
    assert "no state of that name" in talk.refused("menu")


def test_a_signed_conversation_cannot_be_altered(talk: Talk) -> None:
    talk.say("hello")
    head, _, tail = talk.session.partition(":")
    talk.session = f"{head[:-1]}{'A' if head[-1] != 'A' else 'B'}:{tail}"
    assert "not one of this page" in talk.refused()


def test_a_signed_conversation_is_of_one_person_one_bot_and_one_messenger(talk: Talk, root: Browser) -> None:
    talk.say("hello")
    other = make_bot(owner=talk.bot.owner, name="other")
    for column in (Talk(root, talk.bot), Talk(talk.browser, other), Talk(talk.browser, talk.bot, "kik")):
        column.session = talk.session
        assert "not one of this page" in column.refused()
    assert messages(talk.say("menu")) == ["Pick"]


def test_a_conversation_grows_old(talk: Talk, monkeypatch: Any) -> None:
    talk.say("hello")
    monkeypatch.setattr(session, "MAX_AGE", -1)
    assert "older than a day" in talk.refused()


def test_a_conversation_may_become_too_long(talk: Talk, monkeypatch: Any) -> None:
    talk.say("hello")
    monkeypatch.setattr(session, "MAX_CHARS", len(talk.session) + 20)
    assert "too long" in talk.refused(token_hex(200))


def test_a_conversation_has_so_many_steps(talk: Talk, monkeypatch: Any) -> None:
    monkeypatch.setattr(session, "MOST_STEPS", 1)
    talk.say("hello")
    assert "too long" in talk.refused()


# --- who may ----------------------------------------------------------------------------------------------------------

PAGES = ["playground", "playground_say", "playground_save"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_for_others_it_is_not_there(talk: Talk, stranger: Browser, page: str, method: str) -> None:
    before = tables()
    answer = getattr(stranger.client, method)(url(f"bot_{page}", talk.bot.pk))
    assert answer.status_code == 404
    assert talk.bot.name not in answer.content.decode()
    assert len(tables()["permabots.ConversationTest"]) == len(before["permabots.ConversationTest"]) == 0


@pytest.mark.parametrize("page", PAGES)
def test_whoever_may_only_look_at_bots_does_not_talk_to_them(talk: Talk, page: str) -> None:
    looking = Permission.objects.filter(content_type__app_label="permabots", codename__startswith="view_")
    talk.browser.user.user_permissions.set(looking)
    assert talk.browser.get(f"bot_{page}", talk.bot.pk).status_code == 403
    assert url("bot_playground", talk.bot.pk) not in talk.browser.read("bot_change", talk.bot.pk)


@pytest.mark.parametrize("page", PAGES[1:])
def test_the_script_posts(talk: Talk, page: str) -> None:
    assert talk.browser.get(f"bot_{page}", talk.bot.pk).status_code == 405


@pytest.mark.parametrize("page", PAGES[1:])
def test_another_site_cannot_post(talk: Talk, page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(talk.browser.user)
    assert client.post(url(f"bot_{page}", talk.bot.pk), "{}", content_type="application/json").status_code == 403


def test_a_superuser_talks_to_every_bot(talk: Talk, root: Browser) -> None:
    assert messages(Talk(root, talk.bot).say("menu", state="menu")) == ["Pick"]


def test_no_transaction_of_the_project_is_open_while_the_api_is_called(talk: Talk) -> None:
    found: Any = resolve(url("bot_playground_say", talk.bot.pk)).func
    assert found._non_atomic_requests == {"default"}


def test_turns_and_runs_of_tests_are_counted_with_the_authors_calls_of_the_api(talk: Talk, settings: Any) -> None:
    settings.PERMABOTS = {"API_THROTTLES": {"user": "3/day", "bot": None}}
    assert talk.save().status_code == 400, "nothing was said yet, and nothing is counted"
    talk.say("hello")
    talk.save()
    (test,) = talk.bot.conversation_tests.all()
    assert Api(talk.bot.owner).get("bots/").status_code == 200
    assert talk.browser.act("conversationtest_changelist", "run_tests", test) == []
    answer = talk.ask("hello")
    assert (answer.status_code, 0 < int(answer["Retry-After"]) <= 86400) == (429, True)
    (words,) = answer.json()["errors"]
    assert words.startswith("At most 3 calls of one user a day (limit 'user' of API_THROTTLES). Try again in ")
    (words,) = talk.browser.act("conversationtest_changelist", "run_tests", test)
    assert words.startswith("At most 3 calls of one user a day")
    assert Api(talk.bot.owner).get("bots/").status_code == 429


def test_turns_with_one_bot_leave_the_others_alone(talk: Talk, settings: Any) -> None:
    settings.PERMABOTS = {"API_THROTTLES": {"bot": "1/day"}}
    talk.say("hello")
    assert "limit 'bot' of API_THROTTLES" in talk.ask("hello").json()["errors"][0]
    Talk(talk.browser, make_bot(owner=talk.bot.owner)).say("hello")
