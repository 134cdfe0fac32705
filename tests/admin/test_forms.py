"""What holds of every form: fields say what they are for, nothing is cut, errors are sentences, and saving leads on."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.utils.html import escape

from permabots.models import Bot, ConversationTest, Handler
from tests.admin.conftest import Browser, url
from tests.admin.handler_form import form
from tests.admin.test_configuration import hook_form
from tests.admin.world import TABLES, World
from tests.factories import at_large, make_telegram

pytestmark = [pytest.mark.django_db]

LONG = "x" * 30_000


def forms_of(answer: Any) -> list[Any]:
    """Return the forms of a page: its own and those of its tables."""
    if "adminform" not in (answer.context or {}):
        return []
    formsets = [inline.formset for inline in answer.context["inline_admin_formsets"]]
    return [answer.context["adminform"].form, *(form for formset in formsets for form in formset.forms)]


def offered(browser: Browser, table: str, bot: Bot, row: Any) -> list[Any]:
    """Return the pages of a table that have a form to fill in."""
    found = [browser.get(f"{table}_add", bot=bot.pk), browser.get(f"{table}_change", row.pk)]
    return [page for page in found if page.status_code == 200]


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


@pytest.mark.parametrize("table", TABLES)
def test_every_field_says_what_it_is_for(root: Browser, world: World, table: str) -> None:
    fields = {
        f"{type(form).__name__}.{name}": field.help_text
        for page in offered(root, table, world.bot, world.rows[table])
        for form in forms_of(page)
        for name, field in form.fields.items()
        if not field.widget.is_hidden and name not in {"id", "DELETE", "hook"}
    }
    assert [name for name, text in fields.items() if not text] == []


def test_what_a_field_says_is_shown_to_the_letter(owner: Browser, world: World) -> None:
    """The admin shows it as HTML, where the name of a group in a pattern would be a tag."""
    source = owner.read("handler_change", world.handler.pk)
    assert escape(r"A group with a name, as (?P<item>\w+), is read as pattern.item.") in source


@pytest.mark.parametrize("table", ["environmentvar", "telegrambot"])
def test_the_end_of_a_secret_is_no_html(owner: Browser, world: World, table: str) -> None:
    """It would begin a comment, in which the rest of the page is lost."""
    row = world.rows[table]
    name = "token" if table == "telegrambot" else "value"
    setattr(row, name, "4242:sesame-open-<!--")
    row.save()
    assert "Now ••••&lt;!--. Leave it empty" in owner.read(f"{table}_change", row.pk)


class Inputs(HTMLParser):
    """Collects the inputs of a page that would cut what is pasted."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.cutting: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = dict(attrs)
        if tag in {"input", "textarea"} and "maxlength" in found:
            self.cutting.append(str(found.get("name") or found.get("id")))


@pytest.mark.parametrize("table", TABLES)
def test_no_input_cuts_what_is_pasted(root: Browser, world: World, table: str) -> None:
    pages = offered(root, table, world.bot, world.rows[table])
    assert [Inputs(page.content.decode()).cutting for page in pages] == [[]] * len(pages)


def test_the_playground_cuts_nothing_that_is_pasted(owner: Browser, bot: Bot) -> None:
    assert Inputs(owner.read("bot_playground", bot.pk)).cutting == []


@pytest.mark.parametrize("table", TABLES)
def test_what_is_too_long_or_cannot_be_used_is_told_in_sentences(owner: Browser, world: World, table: str) -> None:
    """An error that is taken apart letter by letter is no sentence."""
    for page in offered(owner, table, world.bot, world.rows[table]):
        sent = {field.html_name: LONG for form in forms_of(page) for field in form if field.name not in {"id", "bot"}}
        sent |= {name: "" for name in sent if name.endswith("-DELETE")}
        for inline in page.context["inline_admin_formsets"] if "adminform" in page.context else ():
            sent |= {field.html_name: field.value() for field in inline.formset.management_form}
            sent |= {it["id"].html_name: it["id"].value() or "" for it in inline.formset.forms if "id" in it.fields}
        answer = owner.client.post(page.request["PATH_INFO"], {"bot": world.bot.pk, **sent})
        found = [(it, text) for form in forms_of(answer) for it, texts in form.errors.items() for text in texts]
        assert not [(name, text) for name, text in found if len(str(text).split()) < 3]


@pytest.mark.parametrize("chat", ["abc", "1.5", str(2**63), "", "7" * 200])
def test_a_wrong_chat_of_a_recipient_is_one_sentence(owner: Browser, world: World, chat: str) -> None:
    answer = owner.post("hook_change", world.hook.pk, **hook_form({"name": "Ann", "chat_id": chat}))
    (text,) = answer.context["inline_admin_formsets"][0].formset.errors[0]["chat_id"]
    assert re.fullmatch(r"[A-Z][^.]+( \(it has \d+\))?\.", text)


def test_a_pattern_that_is_too_long_is_told_and_kept_whole(owner: Browser, bot: Bot) -> None:
    pattern = "a" * 300
    answer = owner.post("handler_add", **form(bot=bot.pk, pattern=pattern))
    assert "at most 255 characters (it has 300)" in str(answer.context["adminform"].form.errors["pattern"])
    assert pattern in answer.content.decode()
    assert not Handler.objects.exists()


# --- where saving and deleting lead -----------------------------------------------------------------------------------

SAVED = {
    "state": {"name": "another"},
    "environmentvar": {"key": "another", "value": "x"},
    "handler": form(),
    "hook": hook_form(),
}


@pytest.mark.parametrize("table", sorted(SAVED))
def test_saving_and_deleting_a_part_lead_to_its_bot(owner: Browser, world: World, table: str) -> None:
    page = url("bot_change", world.bot.pk)
    made = owner.post(f"{table}_add", bot=world.bot.pk, **SAVED[table])
    deleted = owner.post(f"{table}_delete", world.rows[table].pk, post="yes")
    row = admin.site.get_model_admin(type(world.rows[table])).model.objects.get()
    changed = owner.post(f"{table}_change", row.pk, **SAVED[table])
    assert [it.headers["Location"] for it in (made, deleted, changed)] == [page] * 3


def test_a_bot_that_was_made_leads_to_its_page_and_a_deleted_one_to_the_list(owner: Browser) -> None:
    made = owner.post("bot_add", name="new")
    bot = Bot.objects.get(name="new")
    renamed = owner.post("bot_change", bot.pk, name="newer")
    assert [it.headers["Location"] for it in (made, renamed)] == [url("bot_change", bot.pk)] * 2
    assert owner.post("bot_delete", bot.pk, post="yes").headers["Location"] == url("bot_changelist")


def test_an_account_leads_to_its_bot(owner: Browser, bot: Bot) -> None:
    row = make_telegram(bot)
    with at_large():
        changed = owner.post("telegrambot_change", row.pk, token="", enabled="on")
        deleted = owner.post("telegrambot_delete", row.pk, post="yes")
    assert [it.headers["Location"] for it in (changed, deleted)] == [url("bot_change", bot.pk)] * 2


def test_a_test_leads_to_its_bot_and_a_chat_state_to_its_conversation(owner: Browser, world: World) -> None:
    saved = owner.post("conversationtest_change", ConversationTest.objects.get().pk, name="x")
    assert saved.headers["Location"] == url("bot_change", world.bot.pk)
    put = owner.post("chatstate_change", world.chat_state.pk, state=world.state.pk)
    assert put.headers["Location"] == url("conversation_change", world.talk.pk)
    gone = owner.post("chatstate_delete", world.chat_state.pk, post="yes")
    assert gone.headers["Location"] == url("bot_change", world.bot.pk)


def test_whoever_may_not_see_conversations_is_led_to_the_bot(owner: Browser, world: World) -> None:
    owner.user.user_permissions.remove(*owner.user.user_permissions.filter(codename__endswith="_conversation"))
    put = owner.post("chatstate_change", world.chat_state.pk, state=world.state.pk)
    assert put.headers["Location"] == url("bot_change", world.bot.pk)


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["owner", "root"])
def test_people_are_those_who_write_and_not_the_accounts_of_bots(
    world: World, who: str, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue(who)
    account = world.bot.telegram_bot.user_api
    shown = [row.pk for row in browser.get("contact_changelist").context["cl"].result_list]
    assert shown == [world.contact.pk]
    assert browser.get("contact_change", account.pk).status_code == 404
