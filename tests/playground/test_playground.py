"""Talking to a bot in the admin: as on each messenger, nothing sent and nothing stored."""

from __future__ import annotations

import re
from secrets import token_hex
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from permabots.admin import playground_session
from permabots.models import Bot, EnvironmentVar, State
from permabots.models.registry import providers
from permabots.testing import UserApiServer
from tests.admin.conftest import Browser, url
from tests.api_observing.client import tables
from tests.factories import make_bot, make_handler, make_telegram
from tests.playground.talking import Talk, canned

pytestmark = [pytest.mark.django_db]

API = {"url_template": "http://127.0.0.1:9/"}
LONG = f"go {'x' * 80}"


@pytest.fixture
def talk(owner: Browser, bot: Bot) -> Talk:
    """With a bot of three states, a request, and a button that is too long for Telegram."""
    make_handler(bot, "^hello$", "<b>Hi</b> & <a href='javascript:x'>you</a>", target_state="menu")
    make_handler(bot, "^menu$", "Pick", source_states=["menu"], keyboard=f"[[('Go', '{LONG}'), 'no']]")
    make_handler(bot, "^site$", "Here", keyboard="[[('site', 'https://example.com/')]]")
    make_handler(bot, "^go (?P<what>x+)$", "{{ response.data.name }}", request=API, target_state="end")
    make_handler(bot, "^what$", "{{ state_context.menu.pattern.what|length }}", source_states=["end"])
    return Talk(owner, bot)


def messages(html: str) -> list[str]:
    return re.findall(r"The bot: </span>(.*?)</div>", html, re.DOTALL)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_has_a_column_for_each_messenger_in_use(talk: Talk, owner: Browser) -> None:
    source = owner.read("bot_playground", talk.bot.pk)
    for slug, provider in providers().items():
        assert f'id="log-{slug}" class="permabots-pg-log" role="log" aria-live="polite"' in source
        assert f'id="say-{slug}"' in source
        assert provider.name in source
    assert "<option>menu</option>" in source


def test_a_bots_page_leads_there(talk: Talk, owner: Browser) -> None:
    assert url("bot_playground", talk.bot.pk) in owner.read("bot_change", talk.bot.pk)


def test_the_page_has_no_script_or_style_in_it(talk: Talk, owner: Browser) -> None:
    source = owner.read("bot_playground", talk.bot.pk) + talk.say("hello")
    assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", source)
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=\"|=.javascript:", source)


def test_every_field_has_a_label(talk: Talk, owner: Browser) -> None:
    source = owner.read("bot_playground", talk.bot.pk)
    page = source[source.index('id="playground"') :]
    fields = set(re.findall(r'<(?:input|select|textarea) id="([\w-]+)"', page))
    assert fields
    assert fields == set(re.findall(r'<label for="([\w-]+)"', page))


def asked(owner: Browser, bot: Bot) -> int:
    owner.read("bot_playground", bot.pk)
    with CaptureQueriesContext(connection) as found:
        owner.read("bot_playground", bot.pk)
    return len(found)


def test_the_page_asks_as_often_for_many_states(talk: Talk, owner: Browser) -> None:
    few = asked(owner, talk.bot)
    State.objects.bulk_create([State(bot=talk.bot, name=f"s{number}") for number in range(50)])
    assert asked(owner, talk.bot) == few


# --- talking ----------------------------------------------------------------------------------------------------------


def test_a_conversation_goes_through_its_states(talk: Talk) -> None:
    assert messages(talk.say("hello")) == ["<b>Hi</b> &amp; you"]
    assert talk.state == "menu"
    assert messages(talk.say("menu")) == ["Pick"]
    assert messages(talk.press(LONG, response=canned({"name": "Ann"}))) == ["Ann"]
    assert talk.state == "end"
    assert messages(talk.say("what")) == ["80"]


@pytest.mark.parametrize("service", ["telegram", "kik", "messenger"])
def test_every_messenger_shows_its_buttons(talk: Talk, service: str) -> None:
    column = Talk(talk.browser, talk.bot, service)
    html = column.say("menu", state="menu")
    data = "Go" if service == "kik" else LONG
    assert f'data-press="{data}">Go</button>' in html


def test_a_pressed_button_is_shown_by_its_label(talk: Talk) -> None:
    talk.say("menu", state="menu")
    html = talk.press(LONG, response=canned({}))
    assert "You pressed: </span>Go</p>" in html
    assert "You pressed: </span>unknown</p>" in talk.press("unknown")


def test_a_button_that_opens_an_address_is_a_link(talk: Talk) -> None:
    assert '<a class="permabots-pg-button" href="https://example.com/">site</a>' in talk.say("site")


def test_every_answer_has_its_trace_and_its_calls(talk: Talk) -> None:
    html = talk.say("menu", state="menu")
    for text in ("handler: its pattern is not found in the text", "Answered by", "menu → stays", "sendMessage", "ms"):
        assert text in html


def test_an_answer_that_is_missing_says_why(talk: Talk) -> None:
    make_handler(talk.bot, "^broken$", "{{ 1 // 0 }}")
    make_handler(talk.bot, "^silent$", "{{ nothing }}")
    assert "No answer: no handler fits." in talk.say("nobody knows")
    assert "No answer: text: " in talk.say("broken")
    assert "No answer: the text is empty." in talk.say("silent")


def test_what_is_said_is_no_markup(talk: Talk) -> None:
    make_handler(talk.bot, "(?P<all>.*script.*)", "{{ pattern.all }}", keyboard="[['<i>']]")
    for service in providers():
        html = Talk(talk.browser, talk.bot, service).say("<script>alert(1)</script>")
        assert "<script>" not in html
        assert "<i>" not in html
        assert "&lt;script&gt;" in messages(html)[0]


def test_secrets_are_hidden_in_the_trace(talk: Talk) -> None:
    EnvironmentVar.objects.create(bot=talk.bot, key="key", value="sesame-open-12345", secret=True)
    make_handler(talk.bot, "^secret$", "done", request={"url_template": "http://127.0.0.1:9/{{ env.key }}"})
    assert "sesame" not in talk.say("secret", response=canned({}))


def test_the_api_is_called_where_no_answer_is_typed_in(talk: Talk, user_api: UserApiServer, settings: Any) -> None:
    settings.PERMABOTS = {"REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
    make_handler(talk.bot, "^ask$", "{{ response.data.name }}", request={"url_template": f"{user_api.base}/item/7"})
    assert messages(talk.say("ask")) == ["author7"]
    assert messages(talk.say("ask", response=canned({"name": "Ann"}))) == ["Ann"]
    assert len(user_api.requests) == 1


def test_nothing_is_sent_and_nothing_stored(talk: Talk) -> None:
    make_telegram(talk.bot)
    talk.browser.read("bot_playground", talk.bot.pk)
    before = tables()
    for service in providers():
        column = Talk(talk.browser, talk.bot, service)
        column.say("hello")
        column.say("menu")
        column.press(LONG, response=canned({"name": "Ann"}))
        column.refused("hello", state="nowhere", session="")
    assert tables() == before


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
    monkeypatch.setattr(playground_session, "MAX_AGE", -1)
    assert "older than a day" in talk.refused()


def test_a_conversation_may_become_too_long(talk: Talk, monkeypatch: Any) -> None:
    talk.say("hello")
    monkeypatch.setattr(playground_session, "MAX_CHARS", len(talk.session) + 20)
    assert "too long" in talk.refused(token_hex(200))


def test_a_conversation_has_so_many_steps(talk: Talk, monkeypatch: Any) -> None:
    monkeypatch.setattr(playground_session, "MOST_STEPS", 1)
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
