"""Talking to a bot in the admin: as on each messenger, nothing sent and nothing stored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import permabots
from permabots.models import Bot, EnvironmentVar, State
from permabots.models.registry import providers
from permabots.testing import UserApiServer
from tests.admin.conftest import Browser, url
from tests.api.traffic.client import tables
from tests.factories import make_handler, make_telegram
from tests.playground.talking import LONG, Talk, canned, messages

pytestmark = [pytest.mark.django_db]

# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_has_a_column_for_each_messenger_in_use(talk: Talk, owner: Browser) -> None:
    source = owner.read("bot_playground", talk.bot.pk)
    for slug, provider in providers().items():
        assert f'id="log-{slug}" class="permabots-pg-log" role="log" aria-live="polite"' in source
        assert f'id="say-{slug}"' in source
        assert provider.name in source
    assert "<option>menu</option>" in source


def test_each_column_says_what_its_messenger_takes(talk: Talk, owner: Browser) -> None:
    source = owner.read("bot_playground", talk.bot.pk)
    assert "at most 4,096 characters, 100 buttons and 8 buttons in a row." in source
    assert "at most 2,000 characters, 30 buttons, 3 buttons in a row and 20 characters on a button." in source
    assert source.count("A message takes at most") == len(providers())


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


STATIC = Path(permabots.__file__).parent / "static" / "permabots"


@pytest.mark.parametrize(
    ("name", "most"), [("playground.js", 20_000), ("playground.css", 8_000), ("diagram.css", 3_000)]
)
def test_its_files_are_small_and_fetch_nothing_from_elsewhere(name: str, most: int) -> None:
    source = (STATIC / name).read_text()
    assert len(source.encode()) < most
    assert not re.findall(r"https?:|\bimport\b|url\(|\beval\b", source)


@pytest.mark.parametrize("name", ["playground.css", "diagram.css"])
def test_colours_are_the_admins_own(name: str) -> None:
    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", (STATIC / name).read_text())


# --- talking ----------------------------------------------------------------------------------------------------------


def test_a_conversation_goes_through_its_states(talk: Talk) -> None:
    assert messages(talk.say("hello")) == ["<b>Hi</b> &amp; you"]
    assert talk.state == "menu"
    assert messages(talk.say("menu")) == ["Pick"]
    assert messages(talk.press(LONG, response=canned({"name": "Ann"}))) == ["Ann"]
    assert talk.state == "end"
    assert messages(talk.say("what")) == ["80"]


@pytest.mark.parametrize("service", ["telegram", "kik", "messenger", "web"])
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
    make_handler(talk.bot, "^broken$", "{{ 1 // (pattern.zero|int) }}")
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
