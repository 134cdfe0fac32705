"""What browsers may do with an answer of permabots: nothing that it does not need, and in no frame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from permabots.conf import PAGE_POLICY
from permabots.page_headers import DATA_POLICY
from tests.admin.conftest import make_staff
from tests.factories import make_account, make_bot, make_telegram

pytestmark = [pytest.mark.django_db]

DATA = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/permabots/api/schema/",
    "/permabots/api/bots/",
    "/permabots/api/bots/none/",
]
PAGES = ["permabots_bot_changelist", "permabots_bot_add", "permabots_handler_changelist"]
OF_A_BOT = ["permabots_bot_change", "permabots_bot_playground", "permabots_bot_diagram", "permabots_bot_history"]
DOCS = "/permabots/api/docs/"
ALWAYS = {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


@pytest.fixture
def without_middleware(settings: Any) -> None:
    """A project whose own middleware sends none of these headers."""
    gone = {"django.middleware.security.SecurityMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware"}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name not in gone]


@pytest.fixture
def pages() -> list[Any]:
    """Every page of a user of the admin, and the page of the API."""
    user = make_staff()
    bot, client = make_bot(owner=user), Client()
    client.force_login(user)
    addresses = [reverse(f"admin:{name}") for name in PAGES]
    addresses += [reverse(f"admin:{name}", args=[bot.pk]) for name in OF_A_BOT]
    answers = [client.get(address) for address in [*addresses, DOCS]]
    assert {answer.status_code for answer in answers} == {200}
    return answers


@pytest.mark.parametrize("address", DATA)
def test_what_is_no_page_loads_nothing_and_is_in_no_frame(address: str, without_middleware: None) -> None:
    headers = Client().get(address).headers
    assert {name: headers[name] for name in ALWAYS} == ALWAYS
    assert headers["Content-Security-Policy"] == DATA_POLICY


def test_no_browser_takes_what_a_webhook_answers_for_a_page(without_middleware: None) -> None:
    bot, client = make_bot(), Client()
    page, account = make_account(bot, "messenger"), make_telegram(bot)
    question = {"hub.mode": "subscribe", "hub.verify_token": str(page.pk), "hub.challenge": "<script>7</script>"}
    url = f"/processing/messengerbot/{page.pk}/"
    secret = {"X-Telegram-Bot-Api-Secret-Token": account.webhook_secret}
    answers = {
        200: client.get(url, question),
        403: client.post(url, "{}", "application/json"),
        405: client.put(url, "{}", "application/json"),
        404: client.get("/processing/messengerbot/00000000-0000-0000-0000-000000000000/"),
        400: client.post(f"/processing/telegrambot/{account.pk}/", "no JSON", "application/json", headers=secret),
    }
    assert [answer.status_code for answer in answers.values()] == list(answers)
    for answer in answers.values():
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        assert answer.headers["Content-Security-Policy"] == DATA_POLICY


def test_a_page_loads_its_own_files_alone_and_is_in_no_frame(without_middleware: None, pages: list[Any]) -> None:
    for answer in pages:
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        assert answer.headers["Content-Security-Policy"] == PAGE_POLICY


def test_no_script_and_no_style_stands_in_a_page(pages: list[Any]) -> None:
    for answer in pages:
        source = answer.content.decode()
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)[^>]*>", source)
        assert not inline + re.findall(r"<style\b|\sstyle=|\son[a-z]+=[\"']|javascript:", source)


def test_a_project_has_its_own_policy_or_none(settings: Any) -> None:
    settings.PERMABOTS = {"CONTENT_SECURITY_POLICY": "default-src https://cdn.example"}
    assert Client().get(DOCS).headers["Content-Security-Policy"] == "default-src https://cdn.example"
    settings.PERMABOTS = {"CONTENT_SECURITY_POLICY": None}
    assert "Content-Security-Policy" not in Client().get(DOCS).headers


def test_the_page_of_the_api_tells_no_server_on_the_internet_of_it() -> None:
    source = Client().get(DOCS).content.decode()
    assert not re.findall(r"https?://", source)
    script = finders.find("permabots/api_docs.js")
    assert "validatorUrl: null" in Path(script).read_text(encoding="utf-8")
