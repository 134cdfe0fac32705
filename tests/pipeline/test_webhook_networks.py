"""A webhook that takes calls from some networks alone: nobody else's, whatever they know and write."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from permabots.models import InboundMessage, TelegramBot
from tests.factories import make_account, make_bot, make_telegram
from tests.pipeline.test_webhook import text_update

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

THEIRS, OURS = "149.154.167.9", "10.0.0.5"
NETWORKS = "149.154.160.0/20, 91.108.4.0/22,2001:db8::/32"
REFUSED = {"detail": "Calls from this address are not taken."}


def call(row: TelegramBot, remote: str, forwarded: str | None = None) -> Any:
    """Post with the right secret, from an address, perhaps through proxies."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": row.webhook_secret}
    if forwarded is not None:
        headers["X-Forwarded-For"] = forwarded
    body = text_update(InboundMessage.objects.count() + 1, 7, "hello")
    url = f"/processing/telegrambot/{row.pk}/"
    return Client().post(url, body, "application/json", headers=headers, REMOTE_ADDR=remote)


@pytest.mark.parametrize(
    ("networks", "proxies", "remote", "forwarded", "status"),
    [
        ("", None, "8.8.8.8", None, 200),
        (NETWORKS, None, THEIRS, None, 200),
        (NETWORKS, None, "91.108.7.255", None, 200),
        (NETWORKS, None, "91.108.8.0", None, 403),
        (NETWORKS, None, "::ffff:149.154.167.9", None, 200),
        (NETWORKS, None, "::ffff:8.8.8.8", None, 403),
        (NETWORKS, None, "2001:db8:7::1", None, 200),
        (NETWORKS, None, "2001:db9::1", None, 403),
        (NETWORKS, None, "", None, 403),
        (NETWORKS, None, "unix:", None, 403),
        # Whoever writes the header that a proxy would write
        (NETWORKS, None, OURS, THEIRS, 403),
        (NETWORKS, 0, OURS, THEIRS, 403),
        (NETWORKS, 0, THEIRS, "8.8.8.8", 200),
        (NETWORKS, 1, OURS, f"{THEIRS}, 8.8.8.8", 403),
        # Behind proxies
        (NETWORKS, 1, OURS, THEIRS, 200),
        (NETWORKS, 1, OURS, f"8.8.8.8, ::ffff:{THEIRS}", 200),
        (NETWORKS, 2, OURS, f"8.8.8.8, {THEIRS}, 10.0.0.6", 200),
        (NETWORKS, 1, OURS, "no address\x7f", 403),
        (f"{THEIRS}", None, THEIRS, None, 200),
    ],
)
def test_calls_come_from_the_networks_that_are_named(
    settings: Any, networks: str, proxies: int | None, remote: str, forwarded: str | None, status: int
) -> None:
    row = make_telegram()
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "TELEGRAM_ALLOWED_NETWORKS": networks}
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    answer = call(row, remote, forwarded)
    assert (answer.status_code, answer.json()) == (status, {} if status == 200 else REFUSED)
    assert InboundMessage.objects.count() == (status == 200)


def test_a_refused_call_reads_nothing_and_its_address_is_in_the_log(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = make_telegram()
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "TELEGRAM_ALLOWED_NETWORKS": NETWORKS}
    body = text_update(1, 7, "hello")
    with CaptureQueriesContext(connection) as queries:
        answer = Client().post(f"/processing/telegrambot/{row.pk}/", body, "application/json", REMOTE_ADDR=OURS)
    assert (answer.status_code, len(queries)) == (403, 0)
    assert f"refused: the address {OURS} is not allowed by TELEGRAM_ALLOWED_NETWORKS" in caplog.text


def test_each_messenger_has_its_own_networks_and_a_handshake_comes_from_them_too(settings: Any) -> None:
    bot = make_bot()
    telegram, page = make_telegram(bot), make_account(bot, "messenger")
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "MESSENGER_ALLOWED_NETWORKS": "31.13.24.0/21"}
    assert call(telegram, OURS).status_code == 200
    question = {"hub.mode": "subscribe", "hub.verify_token": str(page.pk), "hub.challenge": "7"}
    url = f"/processing/messengerbot/{page.pk}/"
    answers = [Client().get(url, question, REMOTE_ADDR=address) for address in (OURS, "31.13.24.9")]
    assert [answer.status_code for answer in answers] == [403, 200]
    assert answers[0].json() == REFUSED
