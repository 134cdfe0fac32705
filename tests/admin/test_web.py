"""A web chat in the admin: made with one button, found at its address, read as any other conversation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from permabots.models import Bot, Conversation, WebBot
from permabots.pipeline.authoring.integrations import attach
from tests.factories import make_bot, make_handler, make_user
from tests.web_chat.talking import Person, work

pytestmark = pytest.mark.django_db

NONE_NEEDED = "connected; it has no webhook, and needs none"


@pytest.fixture
def bot(settings: Any) -> Bot:
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "WEBHOOK_DOMAIN": "https://bots.example.com"}
    user = make_user("root")
    user.is_staff = user.is_superuser = True
    user.save()
    bot = make_bot(owner=user)
    make_handler(bot, "hello", "<b>Hi</b> there")
    return bot


@pytest.fixture
def browser(bot: Bot) -> Client:
    client = Client()
    client.force_login(bot.owner)
    return client


def url(name: str, *ids: Any) -> str:
    return reverse(f"admin:permabots_{name}", args=ids)


def fields(**values: Any) -> dict[str, Any]:
    """Return what the form sends: all of its fields."""
    left = dict.fromkeys(("slug", "title", "greeting", "consent_text", "origins", "theme", "identity_secret"), "")
    return {**left, "start": "button", "identity": "off", "public": "on", "enabled": "on", **values}


def make(browser: Client, bot: Bot, **values: Any) -> Any:
    return browser.post(url("webbot_add"), fields(bot=bot.pk, **values), follow=True)


def test_a_form_that_is_left_as_it_is_makes_a_chat(browser: Client, bot: Bot) -> None:
    made = make(browser, bot)
    row: Any = WebBot.objects.get()
    assert (row.slug, row.title, row.origins, row.theme, row.bot) == ("shop", "shop", [], {}, bot), made.content
    assert row.status == "connected"


def test_each_field_says_what_it_is_for(browser: Client, bot: Bot) -> None:
    page = browser.get(url("webbot_add")).content.decode()
    for words in (
        "The last part of the page",
        "One on each line.",
        "How a conversation begins.",
        "signs who a person is",
    ):
        assert words in page


def test_sites_are_written_on_lines_and_come_back_as_lines(browser: Client, bot: Bot) -> None:
    make(browser, bot, origins="https://one.example.com\n\n  https://two.example.com \n")
    row = WebBot.objects.get()
    assert row.origins == ["https://one.example.com", "https://two.example.com"]
    page = browser.get(url("webbot_change", row.pk)).content.decode()
    assert "https://one.example.com\nhttps://two.example.com</textarea>" in page


def test_what_is_no_site_is_told_at_its_field(browser: Client, bot: Bot) -> None:
    page = make(browser, bot, origins="example.com").content.decode()
    assert "is no site" in page
    assert not WebBot.objects.exists()


def test_an_address_that_is_taken_is_told_and_nothing_is_made_or_changed(browser: Client, bot: Bot) -> None:
    attach(make_bot(), "web", {"slug": "taken"})
    assert "another web chat has the address" in make(browser, bot, slug="taken").content.decode()
    make(browser, bot, slug="mine")
    row = WebBot.objects.get(slug="mine")
    page = browser.post(url("webbot_change", row.pk), fields(slug="taken"), follow=True).content.decode()
    assert "another web chat has the address" in page
    assert WebBot.objects.filter(slug="mine", account="mine").exists()


def test_a_chat_is_changed_in_place_and_keeps_its_secret(browser: Client, bot: Bot) -> None:
    make(browser, bot, identity="required", identity_secret="a-secret-of-mine-that-nobody-guesses")
    row = WebBot.objects.get()
    page = browser.get(url("webbot_change", row.pk)).content.decode()
    assert "a-secret-of-mine-that-nobody-guesses" not in page
    browser.post(url("webbot_change", row.pk), fields(slug="other", greeting="Welcome!", identity="required"))
    changed = WebBot.objects.get()
    assert (changed.pk, changed.account, changed.greeting) == (row.pk, "other", "Welcome!")
    assert changed.identity_secret == "a-secret-of-mine-that-nobody-guesses"


def test_its_address_is_on_its_page_and_on_its_bots(browser: Client, bot: Bot) -> None:
    make(browser, bot)
    for page in (url("webbot_change", WebBot.objects.get().pk), url("bot_change", bot.pk)):
        text = browser.get(page).content.decode()
        assert "https://bots.example.com/chat/shop/" in text
        assert "without a webhook" not in text


@pytest.mark.parametrize("action", ["set_webhooks", "remove_webhooks", "check_webhooks"])
def test_a_webhook_is_not_missed(browser: Client, bot: Bot, action: str) -> None:
    make(browser, bot)
    chosen = {"action": action, "_selected_action": [str(WebBot.objects.get().pk)]}
    assert NONE_NEEDED in browser.post(url("webbot_changelist"), chosen, follow=True).content.decode()


def test_a_conversation_is_read_and_says_the_id_of_its_chat(browser: Client, bot: Bot) -> None:
    make(browser, bot)
    Person(WebBot.objects.get()).say("hello")
    work()
    talk = Conversation.objects.get()
    assert talk.chat_id in browser.get(url("conversation_changelist")).content.decode()
    page = browser.get(url("conversation_change", talk.pk)).content.decode()
    assert talk.chat_id in page
    assert "<b>Hi</b> there" in page
