"""A bot's requests are signed: the secret is made, replaced and dropped by its author, and seen once."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, SigningSecret
from permabots.testing import TelegramServer
from permabots.testing.user_api import UserApiServer
from tests.api.conftest import Api
from tests.api.conftest import api as api
from tests.engine.api_server import server as server
from tests.engine.test_requests_signed import is_signed
from tests.factories import make_handler
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def author(bot: Bot) -> Api:
    return Api(bot.owner)


@pytest.fixture
def asking(bot: Bot, server: UserApiServer, settings: Any) -> UserApiServer:
    """The API that a handler of the bot asks."""
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
    make_handler(bot, request={"url_template": f"{server.base}/item/7?x=1"})
    return server


def path(bot: Bot, more: str = "") -> str:
    return f"bots/{bot.pk}/signing/{more}"


def test_a_bot_without_a_secret_signs_nothing(author: Api, bot: Bot, asking: UserApiServer) -> None:
    assert author.get(path(bot)).status_code == 404
    drain(say(bot, "hello"))
    assert "permabots-signature" not in asking.requests[0].headers


def test_from_the_next_message_on_requests_are_signed_with_the_secret_that_was_shown_once(
    author: Api, bot: Bot, asking: UserApiServer
) -> None:
    drain(say(bot, "hello"))
    made = author.post(path(bot), {})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    secret = made.json()["secret"]
    assert secret.startswith("pbsig_")
    drain(say(bot, "hello", 2))
    assert is_signed(asking.requests[1], secret)
    seen = author.get(path(bot))
    assert seen.json()["secret"] == "********"
    assert secret not in str([seen.content, author.get(f"bots/{bot.pk}/").content])


def test_while_a_secret_is_replaced_both_sign_until_the_one_before_is_dropped(
    author: Api, bot: Bot, asking: UserApiServer
) -> None:
    old, new = (author.post(path(bot), {}).json()["secret"] for _ in range(2))
    assert author.get(path(bot)).json()["rotating"] is True
    drain(say(bot, "hello"))
    assert is_signed(asking.requests[0], old)
    assert is_signed(asking.requests[0], new)
    assert author.post(path(bot, "retire/"), {}).json()["rotating"] is False
    drain(say(bot, "hello", 2))
    assert not is_signed(asking.requests[1], old)
    assert is_signed(asking.requests[1], new)


def test_signing_ends_with_the_secret(author: Api, bot: Bot, asking: UserApiServer) -> None:
    author.post(path(bot), {})
    assert author.delete(path(bot)).status_code == 204
    assert author.post(path(bot, "retire/"), {}).status_code == 404
    drain(say(bot, "hello"))
    assert "permabots-signature" not in asking.requests[0].headers
    assert not SigningSecret.objects.exists()


def test_a_simulation_is_signed_too(author: Api, bot: Bot, asking: UserApiServer) -> None:
    secret = author.post(path(bot), {}).json()["secret"]
    author.post(f"bots/{bot.pk}/simulate/", {"provider": "telegram", "text": "hello"})
    assert is_signed(asking.requests[0], secret)


def test_a_body_has_no_say(author: Api, bot: Bot, telegram: TelegramServer) -> None:
    assert author.post(path(bot), {"secret": "mine"}).status_code == 400
    assert not SigningSecret.objects.exists()
