"""The state diagram in the admin."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, ChatState, Handler, State
from tests.admin.conftest import Browser, url
from tests.admin.world import database
from tests.factories import make_conversation, make_handler

pytestmark = [pytest.mark.django_db]

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def bot(bot: Bot) -> Bot:
    make_handler(bot, "^start$", target_state="menu", name="begin")
    make_handler(bot, "^order <(?P<n>.+)>$", name="order", source_states=["menu"], target_state="paid")
    make_handler(bot, "^help$", name="help", source_states=["menu", "paid"])
    make_handler(bot, "^back$", name="back", source_states=["paid"], target_state="menu")
    make_handler(bot, "^bye$", name="bye", source_states=["attic"], enabled=False)
    make_handler(bot, ".*", name="else")
    make_handler(bot, "^late$", name="late")
    return bot


def drawing(source: str) -> Any:
    found = re.search(r'<svg id="diagram".*?</svg>', source, re.DOTALL)
    assert found
    return ElementTree.fromstring(found[0])  # noqa: S314 - our own


def texts(svg: Any) -> list[str]:
    return ["".join(text.itertext()).removeprefix(text[0].text) for text in svg.iter(f"{SVG}text")]


def cells(source: str, table: str) -> list[list[str]]:
    body = source[source.index(f'id="{table}"') :].partition("<tbody>")[2].partition("</tbody>")[0]
    rows = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1])
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows]


def test_states_and_handlers_are_drawn(owner: Browser, bot: Bot) -> None:
    found = texts(drawing(owner.read("bot_diagram", bot.pk)))
    for text in ("Anywhere, a new chat too", "menu", "paid", "attic", "begin  ^start$", "back  ^back$"):
        assert text in found
    assert found.count("help  ^help$") == 2
    assert {"✗ late  ^late$", "✗ bye  ^bye$", "order  ^order <(?P<n>.+)>$"} <= set(found)


def test_every_change_of_state_is_an_edge(owner: Browser, bot: Bot) -> None:
    svg = drawing(owner.read("bot_diagram", bot.pk))
    edges = [path for path in svg.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(edges) == 3


def test_what_no_chat_comes_to_is_marked(owner: Browser, bot: Bot) -> None:
    svg = drawing(owner.read("bot_diagram", bot.pk))
    (lonely,) = (group for group in svg.iter(f"{SVG}g") if group.get("class") == "permabots-diagram-lonely")
    assert "attic" in texts(lonely)


def test_the_tables_say_the_same(owner: Browser, bot: Bot) -> None:
    source = owner.read("bot_diagram", bot.pk)
    assert cells(source, "diagram-states") == [
        ["attic", "no handler leads here, and no chat is here"],
        ["menu", ""],
        ["paid", ""],
    ]
    assert cells(source, "diagram-handlers") == [
        ["begin", "^start$", "anywhere", "menu", ""],
        ["order", "^order &lt;(?P&lt;n&gt;.+)&gt;$", "menu", "paid", ""],
        ["help", "^help$", "menu, paid", "stays", ""],
        ["back", "^back$", "paid", "menu", ""],
        ["bye", "^bye$", "attic", "stays", "never chosen: it is disabled"],
        ["else", ".*", "anywhere", "stays", ""],
        [
            *("late", "^late$", "anywhere", "stays"),
            "never chosen: “else” is tried before it and takes all its messages",
        ],
    ]


def test_a_state_with_a_chat_in_it_is_not_marked(owner: Browser, bot: Bot) -> None:
    ChatState.objects.create(
        conversation=make_conversation(bot), provider="telegram", state=bot.states.get(name="attic")
    )
    bot.handlers.filter(name="bye").update(enabled=True)
    source = owner.read("bot_diagram", bot.pk)
    assert "no handler leads here" not in source
    assert "✗ bye" not in source


def test_a_long_line_is_cut_and_whole_in_its_title(owner: Browser, bot: Bot) -> None:
    make_handler(bot, "^a very long pattern of many words$", name="long", priority=9)
    found = list(drawing(owner.read("bot_diagram", bot.pk)).iter(f"{SVG}text"))
    (line,) = (text for text in found if (text[0].text or "").startswith("long"))
    assert line[0].text == "long  ^a very long pattern of many words$"
    assert line[0].tail == "long  ^a very long pattern of…"


def test_many_handlers_of_one_edge_are_counted(owner: Browser, bot: Bot) -> None:
    for number in range(12):
        make_handler(bot, f"^{number}$", name=f"n{number}", source_states=["menu"], target_state="paid", priority=5)
    found = texts(drawing(owner.read("bot_diagram", bot.pk)))
    assert "and 5 more" in found
    assert "n7  ^7$" in found
    assert "n8  ^8$" not in found


@pytest.mark.parametrize("locale", [{}, {"USE_THOUSAND_SEPARATOR": True, "LANGUAGE_CODE": "de"}])
def test_numbers_are_those_of_svg_in_every_language(owner: Browser, bot: Bot, settings: Any, locale: Any) -> None:
    for name, value in locale.items():
        setattr(settings, name, value)
    Handler.objects.update(name="x" * 100)
    svg = drawing(owner.read("bot_diagram", bot.pk))
    assert all((svg.get(name) or "").isdecimal() for name in ("width", "height"))


def test_a_bot_without_anything_has_a_diagram(owner: Browser, bot: Bot) -> None:
    empty = Bot.objects.create(owner=bot.owner, name="empty")
    source = owner.read("bot_diagram", empty.pk)
    assert texts(drawing(source)) == ["Anywhere, a new chat too"]
    assert "No handler: nothing is answered." in source


def test_the_page_asks_as_often_for_many_handlers(owner: Browser, bot: Bot) -> None:
    def asked() -> int:
        owner.read("bot_diagram", bot.pk)
        with CaptureQueriesContext(connection) as found:
            owner.read("bot_diagram", bot.pk)
        return len(found)

    few = asked()
    for number in range(60):
        make_handler(bot, f"^{number}$", source_states=["menu"], target_state=f"s{number % 9}")
    assert State.objects.filter(bot=bot).count() == 12
    assert (asked(), few <= 12) == (few, True)


def test_the_page_has_no_script_or_style_in_it(owner: Browser, bot: Bot) -> None:
    source = owner.read("bot_diagram", bot.pk)
    assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", source)
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", source)


def test_a_bots_page_leads_there(owner: Browser, bot: Bot) -> None:
    assert url("bot_diagram", bot.pk) in owner.read("bot_change", bot.pk)


def test_for_others_it_is_not_there(stranger: Browser, bot: Bot) -> None:
    assert stranger.get("bot_diagram", bot.pk).status_code == 404


def test_whoever_may_only_look_sees_it_and_nothing_is_stored(owner: Browser, bot: Bot) -> None:
    looking = Permission.objects.filter(content_type__app_label="permabots", codename__startswith="view_")
    owner.user.user_permissions.set(looking)
    before = database()
    owner.read("bot_diagram", bot.pk)
    assert database() == before
    owner.user.user_permissions.clear()
    assert owner.get("bot_diagram", bot.pk).status_code == 403
