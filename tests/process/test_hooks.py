"""A hook tells people on all providers while one of them is down."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests
from rest_framework.authtoken.models import Token

from permabots.models import Bot, Hook, Notification, OutboundMessage, Recipient
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_hook
from tests.process.conftest import TOKEN, Road

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

PEOPLE = {"telegram": ("101", "102", "103"), "kik": ("c1", "c2", "c3"), "messenger": ("9001", "9002", "9003")}
NOTICES = ("first", "second", "third")
CREDENTIALS = {
    "telegram": {"token": TOKEN},
    "kik": {"username": "kikbot", "api_key": "gold-1"},
    "messenger": {"token": "page-token", "app_secret": "app-secret"},
}


def told(road: Road) -> dict[str, list[list[str]]]:
    """Return what each person was told, by provider."""
    texts: dict[str, Callable[[str], list[str]]] = {
        "telegram": lambda chat: road.telegram.texts(int(chat)),
        "kik": lambda chat: [sent.text for sent in road.kik.sent() if sent.chat_id == chat],
        "messenger": lambda chat: [sent.text for sent in road.messenger.sent() if sent.chat_id == chat],
    }
    return {slug: [texts[slug](chat) for chat in chats] for slug, chats in PEOPLE.items()}


def make_hook(bot: Bot) -> Hook:
    hook = create_hook(bot, {"name": "ready", "response": {"text_template": "<b>{{ data.what }}</b>"}})
    for slug, chats in PEOPLE.items():
        for chat in chats:
            user = f"user-{chat}" if slug == "kik" else ""
            Recipient.objects.create(hook=hook, provider=slug, chat_id=chat, user_id=user, name=chat)
    return hook


def post(road: Road, hook: Hook, what: str, recipients: int = 9) -> None:
    token, _ = Token.objects.get_or_create(user=road.bot.owner)
    answer = requests.post(
        f"{road.site.url}/processing/hook/{hook.key}/",
        json={"what": what},
        headers={"Authorization": f"Token {token.key}"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["recipients"]) == (200, recipients)


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def unsent(slug: str) -> int:
    return OutboundMessage.objects.unfinished().filter(conversation__provider=slug).count()


@pytest.mark.parametrize("down", list(PEOPLE))
def test_a_provider_that_is_down_keeps_nobody_else_waiting(road: Road, down: str) -> None:
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    for slug, credentials in CREDENTIALS.items():
        integrations.attach(road.bot, slug, credentials)
    hook = make_hook(road.bot)
    server = getattr(road, down)
    server.stop()
    for what in NOTICES:
        post(road, hook, what)
    others = [slug for slug in PEOPLE if slug != down]
    wait_until(lambda: all(len(texts) == 3 for slug in others for texts in told(road)[slug]))
    wait_until(lambda: unsent(down) == 9)
    during = told(road)
    server.start()
    wait_until(lambda: unsent(down) == 0)
    after = told(road)
    print(f"\n{down} down: {during}\n{down} back: {after}")
    assert during == {slug: [[], [], []] if slug == down else [list(NOTICES)] * 3 for slug in PEOPLE}
    assert after == {slug: [list(NOTICES)] * 3 for slug in PEOPLE}
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"sent"}


def test_a_notification_that_kills_each_worker_is_parked_and_the_next_is_told(road: Road) -> None:
    road.site.environment["PERMABOTS_PROVIDERS"] = "tests.pipeline.clumsy.Deadly"
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    integrations.attach(road.bot, "telegram", CREDENTIALS["telegram"])
    hook = create_hook(road.bot, {"name": "ready", "response": {"text_template": "{{ data.what }}"}})
    Recipient.objects.create(hook=hook, provider="telegram", chat_id="101", name="101")
    for what in ("poison", "good"):
        post(road, hook, what, recipients=1)
    wait_until(lambda: Notification.objects.exclude(status="pending").count() == 2, 120.0)
    wait_until(lambda: road.telegram.texts(101) == ["good"])
    assert list(Notification.objects.order_by("pk").values_list("status", flat=True)) == ["parked", "done"]


def test_what_curl_posts_by_default_reaches_the_one_who_is_named(road: Road) -> None:
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    road.connect()
    text = {"text_template": "{{ recipient.name }}, order {{ data.order }} is ready in {{ data.minutes }} minutes."}
    hook = create_hook(road.bot, {"name": "ready", "response": text, "strict": True})
    for name, chat in {"Ann": "101", "Bob": "102"}.items():
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=chat, name=name)
    token, _ = Token.objects.get_or_create(user=road.bot.owner)
    form = {"Authorization": f"Token {token.key}", "Content-Type": "application/x-www-form-urlencoded"}
    url = f"{road.site.url}/processing/hook/{hook.key}/"
    refused = requests.post(url, b'{"order": 7}', params={"recipients": "Bob"}, headers=form, timeout=10)
    assert (refused.status_code, list(refused.json())) == (400, ["data"])
    body = b'{"order": 7, "minutes": 5}'
    taken = requests.post(url, body, params={"recipients": "Bob"}, headers=form, timeout=10)
    assert (taken.status_code, taken.json()["recipients"]) == (200, 1)
    wait_until(lambda: bool(road.telegram.texts(102)))
    wait_until(lambda: OutboundMessage.objects.filter(status="sent").count() == 1)
    assert (road.telegram.texts(101), road.telegram.texts(102)) == ([], ["Bob, order 7 is ready in 5 minutes."])
