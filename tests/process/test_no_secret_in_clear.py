"""Every secret of a scenario is looked for in all that it left behind: it stands nowhere in clear.

The scenario has real processes: a web server, a worker, PostgreSQL, Redis as broker and cache, and the stand-ins.
"""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework.authtoken.models import Token

from permabots.models import EnvironmentVar, Hook, InboundMessage, TelegramBot
from permabots.pipeline.postgresql import execution
from permabots.testing import text_update
from tests.process.conftest import Road
from tests.process.test_hooks import wait_until
from tests.servers import Redis
from tests.test_commands import run

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

TELEGRAM = "4242:Q1telegramQ1token"
KIK = "gold-1-Q2kikQ2key"
PAGE, APP = "Q3pageQ3accesstoken", "Q4appQ4secret"
SIGN = "Q6signQ6secretQ6thatQ6nobodyQ6guesses"
VARIABLE = "Q5variableQ5secret"
CHAT = 7


def writings(secret: str) -> list[bytes]:
    """Return a secret as it is, and inside of base64, in which Celery's messages are."""
    cut = (b64encode(b"\0" * place + secret.encode()).rstrip(b"=") for place in range(3))
    return [secret.encode(), *(text[4 if place else 0 : -3] for place, text in enumerate(cut))]


@pytest.fixture
def commands(redis: Redis) -> Iterator[bytearray]:
    """All that Redis is told, as broker and as cache: what it keeps for a moment too."""
    seen, address = bytearray(), urlsplit(redis.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as monitor:

        def read() -> None:
            while data := monitor.recv(65536):
                seen.extend(data)

        monitor.sendall(b"MONITOR\r\n")
        reader = threading.Thread(target=read)
        reader.start()
        yield seen
        monitor.shutdown(socket.SHUT_RDWR)
        reader.join()


class Author:
    """The author of the bot, over HTTP: what the API answers is kept."""

    def __init__(self, road: Road) -> None:
        self.url = f"{road.site.url}/api/v1/"
        self.base = f"bots/{road.bot.pk}/"
        self.headers = {"Authorization": f"Token {Token.objects.create(user=road.bot.owner).key}"}
        self.answers: list[str] = []

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = requests.request(method, self.url + path, json=body, headers=self.headers, timeout=30)
        self.answers.append(f"{answer.headers}{answer.text}")
        assert answer.status_code == status, (method, path, answer.text)
        return answer.json() if answer.text else None

    def post(self, path: str, body: Any) -> Any:
        return self("POST", self.base + path, body, 201)


def configure(road: Road, author: Author) -> None:
    """Connect the bot everywhere, and give it handlers and a hook that use its secret."""
    author.post("telegram/", {"token": TELEGRAM})
    author.post("kik/", {"username": "kikbot", "api_key": KIK})
    author.post("messenger/", {"token": PAGE, "app_secret": APP})
    author.post("web/", {"identity": "optional", "identity_secret": SIGN})
    author.post("env/", {"key": "key", "value": VARIABLE, "secret": True})
    parameters = [{"key": "X-Api-Key", "value_template": "{{ env.key }}"}]
    for name, address in (("item", f"{road.user_api.url}/u/item/5"), ("down", "http://127.0.0.1:1/{{ env.key }}")):
        request = {"url_template": f"{address}?key={{{{ env.key }}}}", "method": "Post"}
        request |= {"data": '{"key": "{{ env.key }}"}', "header_parameters": parameters}
        text = {"text_template": f"{name} {{{{ response.status }}}}{{{{ response.error }}}}"}
        author.post("handlers/", {"name": name, "pattern": f"^{name}$", "request": request, "response": text})
    hook = author.post("hooks/", {"name": "ready", "response": {"text_template": "ready"}})
    author.post(f"hooks/{hook['id']}/recipients/telegram/", {"chat_id": CHAT, "name": "Ann"})
    requests.post(f"{road.site.url}/processing/hook/{hook['key']}/", json={}, headers=author.headers, timeout=10)


def talk(road: Road, author: Author) -> None:
    """Have messages answered, an API fail, an account refused, and the operator look at it."""
    for text in ("item", "down"):
        road.telegram.send_text(TELEGRAM, CHAT, text)
    road.telegram.wait_for_messages(CHAT, 3)
    author("POST", f"{author.base}simulate/", {"text": "item", "service": "telegram"})
    for command in (["permabots_webhook", "set"], ["permabots_webhook", "info"], ["permabots_rotate_keys"]):
        author.answers.append(run(*command))
    update = text_update(900_000, CHAT, "item", message_id=900_000)
    author.answers.append(_by_cache(update))
    road.telegram.revoke(TELEGRAM)
    wait_until(lambda: not InboundMessage.objects.unfinished().exists())
    author("PATCH", f"{author.base}telegram/{TelegramBot.objects.get().pk}/", {"enabled": True}, 400)


def _by_cache(update: Any) -> str:
    """Post as Telegram does to a project whose webhooks use the cache, as they do on other databases."""
    row, client = TelegramBot.objects.get(), Client()
    headers = {"X-Telegram-Bot-Api-Secret-Token": row.webhook_secret}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "is_used", lambda: False)
        answer = client.post(f"/processing/telegrambot/{row.pk}/", update, "application/json", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def read_all(author: Author) -> None:
    """Read everything of the bot by the API, and its metrics."""
    for part in ("", "telegram/", "kik/", "messenger/", "web/", "env/", "states/", "handlers/", "hooks/", "messages/"):
        author("GET", author.base + part)
    author("GET", "bots/")
    for row in InboundMessage.objects.all():
        author("GET", f"{author.base}messages/{row.pk}/")
    for hook in Hook.objects.all():
        author("GET", f"{author.base}hooks/{hook.pk}/deliveries/")
    for part in ("metrics", "readyz"):
        answer = requests.get(author.url.replace("api/v1/", part), timeout=10)
        assert answer.status_code in {200, 503}, part  # an account is refused: the site may not be ready
        author.answers.append(answer.text)


def admin_pages() -> Iterator[str]:
    """Yield the list of each table and the page of each row."""
    client, asked = Client(), RequestFactory().get("/")
    asked.user = get_user_model().objects.create_superuser("operator")
    client.force_login(asked.user)
    for model, pages in admin.site._registry.items():
        if model._meta.app_label != "permabots":
            continue
        name = f"admin:permabots_{model._meta.model_name}_"
        yield client.get(reverse(name + "changelist")).content.decode()
        for row in pages.get_queryset(asked):
            page = client.get(reverse(name + "change", args=[row.pk]))
            assert page.status_code == 200, (name, page)
            yield page.content.decode()


def dump() -> Iterator[str]:
    """Yield each row of each table, as text."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")  # noqa: S608 - Django's own names
            yield from (row[0] for row in cursor.fetchall())


def test_no_secret_stands_anywhere_in_clear(
    road: Road, commands: bytearray, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    road.site.environment = {**road.site.environment, "LOG_LEVEL": "DEBUG", "PERMABOTS_METRICS_PUBLIC": "1"}
    road.site.start_web()
    road.site.start_worker()
    author = Author(road)
    configure(road, author)
    row = TelegramBot.objects.get()
    hooks = [row.webhook_secret]
    talk(road, author)
    row = TelegramBot.objects.get()
    hooks += [row.webhook_secret, row.previous_webhook_secret]
    read_all(author)
    pages = "".join(admin_pages())
    assert EnvironmentVar.objects.get().value == VARIABLE
    places = {
        "database": "".join(dump()).encode(),
        "redis": bytes(commands),
        "logs": b"".join(path.read_bytes() for path in road.site.folder.glob("*.log")) + caplog.text.encode(),
        "API": "".join(author.answers).encode(),
        "admin": pages.encode(),
    }
    secrets = [TELEGRAM, TELEGRAM.partition(":")[2], KIK, PAGE, APP, SIGN, VARIABLE, *hooks]
    hits = [
        (place, number)
        for place, content in places.items()
        for number, secret in enumerate(secrets)
        for writing in writings(secret)
        if writing in content
    ]
    with capsys.disabled():
        print(f"\n{len(secrets)} secrets in { ({place: len(content) for place, content in places.items()}) } bytes")
        print(f"hits: {len(hits)}")
    words = {
        "database": b"gAAAA",
        "redis": b"permabots.drain",
        "logs": b"DEBUG",
        "API": "••••oken".encode(),
        "admin": b"Ann",
    }
    assert [place for place, word in words.items() if word not in places[place]] == [], "nothing was looked at"
    assert {it.headers["x-api-key"] for it in road.user_api.requests} == {VARIABLE}, "the secret was not used"
    assert hits == []
