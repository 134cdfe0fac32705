"""What the README and the pages about Messenger and Kik show connects a bot, and the bot answers there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.core.management import call_command
from rest_framework.authtoken.models import Token

from permabots import tasks
from permabots.models import Bot, InboundMessage, KikRecipient, OutboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import KikServer, MessengerServer, TelegramServer
from tests.docs.pages import BLOCKS, block
from tests.docs.pages import page as page_source
from tests.factories import make_bot, make_handler, make_user
from tests.pipeline.conftest import telegram as telegram

PAGE_TOKEN, APP_SECRET, PSID = "page-token", "app-secret", "7712345678901234"
CHAT = "b3be3bc15dbe"


@pytest.fixture
def bot() -> Bot:
    bot = make_bot()
    make_handler(bot, "^/start", "Hi <b>you</b>", keyboard="[['Tea', 'Pie']]")
    make_handler(bot, "^Tea$", "One tea", name="tea")
    return bot


@pytest.fixture
def messenger(settings: Any, live_server: Any) -> Iterator[MessengerServer]:
    with MessengerServer() as server:
        settings.PERMABOTS = {"MESSENGER_API_URL": server.url, "WEBHOOK_DOMAIN": live_server.url}
        yield server


@pytest.fixture
def kik(settings: Any, live_server: Any) -> Iterator[KikServer]:
    with KikServer() as server:
        settings.PERMABOTS = {"KIK_API_URL": server.url, "WEBHOOK_DOMAIN": live_server.url}
        yield server


def run(page: str, name: str, **names: Any) -> dict[str, Any]:
    """Run a block of a page with the names that it takes for given; return all of its names."""
    exec(block(page, name), names)  # noqa: S102 - our own page
    return names


def drain_all(bot: Bot) -> None:
    """Do what a worker would do."""
    for talk in bot.conversations.all():
        draining.drain(talk.pk, talk.provider)


def talk(bot: Bot, messenger: MessengerServer, printed: str) -> None:
    """Type what was printed into the dashboard, and talk to the page."""
    callback, token = (line.split(": ")[1] for line in printed.strip().splitlines())
    messenger.set_callback(callback, token, APP_SECRET)
    messenger.get_started(PAGE_TOKEN, PSID)
    messenger.wait_idle()
    drain_all(bot)
    messenger.press_button(PAGE_TOKEN, PSID, "Tea")
    messenger.wait_idle()
    drain_all(bot)
    assert messenger.texts(PSID) == ["Hi you", "One tea"]
    assert messenger.violations() == []


@pytest.mark.django_db(transaction=True)
def test_the_bot_of_the_readme_answers(telegram: TelegramServer) -> None:
    (source,) = (it.text for it in BLOCKS if it.page == "README" and "create_handler(bot, {" in it.text)
    exec(source.replace("<the token that @BotFather gave you>", "123:token"), {"user": make_user()})  # noqa: S102
    telegram.send_text("123:token", 7, "/start")
    call_command("permabots_poll", once=True, timeout=0, remove_webhook=True)
    drain_all(Bot.objects.get())
    (message,) = telegram.messages(7)
    assert message["text"].startswith("Welcome to The Corner Café")
    assert [len(row) for row in message["reply_markup"]["inline_keyboard"]] == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_a_page_is_connected_over_the_api_as_shown(
    bot: Bot, messenger: MessengerServer, live_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session = requests.Session()
    session.headers["Authorization"] = f"Token {Token.objects.create(user=bot.owner).key}"
    names = {"API": f"{live_server.url}/permabots/api", "bot": bot.pk, "session": session}
    with session:
        done = run("messenger", "messenger-connect", PAGE_TOKEN=PAGE_TOKEN, APP_SECRET=APP_SECRET, **names)
    assert done["status"]["authenticated"] is True
    talk(bot, messenger, capsys.readouterr().out)


@pytest.mark.django_db(transaction=True)
def test_a_page_is_connected_in_code_as_shown(
    bot: Bot, messenger: MessengerServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run("messenger", "messenger-attach", PAGE_TOKEN=PAGE_TOKEN, APP_SECRET=APP_SECRET, bot=bot)
    talk(bot, messenger, capsys.readouterr().out)


@pytest.mark.django_db(transaction=True)
def test_a_second_page_of_the_app_is_served_by_the_callback_url_of_the_first(
    bot: Bot, messenger: MessengerServer
) -> None:
    first = run("messenger", "messenger-attach", PAGE_TOKEN=PAGE_TOKEN, APP_SECRET=APP_SECRET, bot=bot)["page"]
    messenger.set_callback(first.webhook_url, str(first.pk).replace("-", ""), APP_SECRET)
    other = make_bot(name="Another")
    make_handler(other, "^/start", "Another bot")
    run("messenger", "messenger-attach", PAGE_TOKEN="another-token", APP_SECRET=APP_SECRET, bot=other)
    messenger.follow_link("another-token", PSID, "promo")
    messenger.get_started("another-token", PSID, ref="promo")
    messenger.wait_idle()
    drain_all(other)
    assert messenger.texts(PSID, bot="another-token") == ["Another bot"] * 2
    assert {row.text for row in InboundMessage.objects.filter(bot=other)} == {"/start promo"}


@pytest.mark.django_db(transaction=True)
def test_what_facebook_has_unsubscribed_is_restored(
    bot: Bot, messenger: MessengerServer, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run("messenger", "messenger-attach", PAGE_TOKEN=PAGE_TOKEN, APP_SECRET=APP_SECRET, bot=bot)["page"]
    page.client().remove_webhook()  # as Facebook does after an hour of failures
    call_command("permabots_webhook", "restore", provider="messenger")
    call_command("permabots_webhook", "restore", provider="messenger")
    _, _, lost, in_place = capsys.readouterr().out.splitlines()
    assert (": lost, " in lost, in_place.endswith(": webhook in place")) == (True, True)
    subscribed = messenger.page(PAGE_TOKEN)["subscribed_fields"]
    assert [name for name in subscribed if f"``{name}``" not in page_source("messenger")] == []


@pytest.mark.django_db(transaction=True)
def test_who_wrote_too_long_ago_is_told_nothing_and_the_row_says_why(bot: Bot, messenger: MessengerServer) -> None:
    page = run("messenger", "messenger-attach", PAGE_TOKEN=PAGE_TOKEN, APP_SECRET=APP_SECRET, bot=bot)["page"]
    messenger.send_text(PAGE_TOKEN, PSID, "hello")
    messenger.age(PAGE_TOKEN, PSID, hours=25)
    page.send_message(PSID, "Are you there?", [])
    drain_all(bot)
    row = OutboundMessage.objects.get()
    assert (row.status, "outside of the 24-hour window" in row.error) == ("parked", True)


@pytest.mark.django_db(transaction=True)
def test_a_bot_on_kik_is_connected_and_its_hook_tells_people_as_shown(bot: Bot, kik: KikServer) -> None:
    run("kik", "kik-attach", API_KEY="gold-key", bot=bot)
    kik.start_chatting("shopbot", CHAT, "ann")
    kik.wait_idle()
    drain_all(bot)
    kik.press_button("shopbot", CHAT, "Tea")
    kik.wait_idle()
    drain_all(bot)
    hook = create_hook(bot, {"name": "orders", "response": {"text_template": "Order {{ data.number }}"}})
    run("kik", "kik-recipient", hook=hook)
    assert KikRecipient.objects.get().user_id == "ann"
    tasks.fan_out(tasks.notify(hook, {"number": 5}).pk)
    drain_all(bot)
    assert kik.texts(CHAT) == ["Hi you", "One tea", "Order 5"]
