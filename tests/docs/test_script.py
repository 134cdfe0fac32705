"""The script of the documentation's API page builds a bot that answers on two messengers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from celery import current_app
from rest_framework.authtoken.models import Token

from permabots.models import Bot
from permabots.testing import MessengerServer, TelegramServer, UserApiServer
from tests.factories import make_user

SCRIPT = Path(__file__).parents[2] / "docs" / "build_a_bot.py"
ANN, ANNS_PSID = 7, "7712"
TOKEN, PAGE, APP_SECRET, SHOP_KEY = "4242:token", "page-token", "app-secret", "shop-key"
WELCOME = "Welcome to The Corner Café ☕ What would you like?"


@dataclass(frozen=True)
class Outside:
    """The messengers, the shop and the site."""

    site: str
    telegram: TelegramServer
    messenger: MessengerServer
    shop: UserApiServer
    key: str

    def options(self) -> list[str]:
        values = {
            "api": f"{self.site}/permabots/api",
            "key": self.key,
            "telegram": TOKEN,
            "telegram-chat": str(ANN),
            "page": PAGE,
            "app-secret": APP_SECRET,
            "messenger-chat": ANNS_PSID,
            "shop": self.shop.base,
            "shop-key": SHOP_KEY,
        }
        return [word for name, value in values.items() for word in (f"--{name}", value)]


@pytest.fixture
def outside(live_server: Any, settings: Any) -> Iterator[Outside]:
    """Stand-ins whose webhook calls reach this server, where tasks run at once."""
    current_app.conf.task_always_eager = True
    site = live_server.url
    with TelegramServer() as telegram, MessengerServer() as messenger, UserApiServer() as shop:
        settings.PERMABOTS = {
            "TELEGRAM_API_URL": telegram.url,
            "MESSENGER_API_URL": messenger.url,
            "WEBHOOK_DOMAIN": site,
            "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"],
        }
        shop.add_route("/u/orders/", {"number": 12}, method="POST", status=201)
        yield Outside(site, telegram, messenger, shop, Token.objects.create(user=make_user()).key)
    current_app.conf.task_always_eager = False


@pytest.mark.django_db(transaction=True)
def test_the_script_builds_a_bot_that_takes_orders_on_two_messengers(outside: Outside) -> None:
    told = run(outside)
    assert "Welcome to <b>The Corner Café</b> ☕ What would you like? Order 1 is on its way." in told
    assert "On Telegram it is fake_4242_bot" in told
    assert outside.shop.requests == []
    assert order_on_telegram(outside) == [WELCOME, "One Tea. Shall I order it?", "Order 12 is on its way."]
    assert order_on_messenger(outside) == [WELCOME, "One Espresso. Shall I order it?", "Order 12 is on its way."]
    asked = [(r.method, r.path, r.query, r.json(), r.headers["authorization"]) for r in outside.shop.requests]
    assert asked == [
        ("POST", "/u/orders/", [("from", "telegram")], {"item": "Tea", "count": 1}, f"Bearer {SHOP_KEY}"),
        ("POST", "/u/orders/", [("from", "messenger")], {"item": "Espresso", "count": 1}, f"Bearer {SHOP_KEY}"),
    ]
    post_to_the_hook(outside)
    assert outside.telegram.texts(ANN)[-1] == outside.messenger.texts(ANNS_PSID)[-1] == "Order 12: your Tea."


def test_the_script_needs_neither_django_nor_permabots() -> None:
    imported = [line for line in SCRIPT.read_text().splitlines() if line.startswith(("import", "from"))]
    assert imported == ["import argparse", "import requests"]


def run(outside: Outside) -> str:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *outside.options()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def order_on_telegram(outside: Outside) -> list[str]:
    telegram = outside.telegram
    for text in ("/start", "Tea", "Yes"):
        telegram.send_text(TOKEN, ANN, text)
        telegram.wait_idle()
    return telegram.texts(ANN)


def order_on_messenger(outside: Outside) -> list[str]:
    """Set the callback as the app's dashboard does, then order by pressing buttons."""
    messenger, row = outside.messenger, Bot.objects.get().messenger_bot
    assert row is not None
    messenger.set_callback(row.webhook_url, row.hook_id, APP_SECRET)
    messenger.send_text(PAGE, ANNS_PSID, "/start")
    messenger.wait_idle()
    for title in ("Espresso", "Yes"):
        messenger.press_button(PAGE, ANNS_PSID, title)
        messenger.wait_idle()
    return messenger.texts(ANNS_PSID)


def post_to_the_hook(outside: Outside) -> None:
    answer = requests.post(
        f"{outside.site}/processing/hook/{Bot.objects.get().hooks.get().key}/",
        json={"number": 12, "item": "Tea"},
        headers={"Authorization": f"Token {outside.key}"},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["recipients"]) == (200, 2)
