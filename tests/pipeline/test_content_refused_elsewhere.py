"""What Kik and Messenger refuse for what it says goes again, as at Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.models import Bot, Notification, OutboundMessage
from permabots.models.registry import providers
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import Fault, FaultKind, KikServer, MessengerServer, TelegramServer
from permabots.values import Address, Answer, Button
from tests.pipeline.notifying import deliver, post
from tests.pipeline.talking import bot as bot
from tests.pipeline.test_content_refused import _a_handler as _a_handler

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


class TestOthers:
    """The same on messengers of other words."""

    @pytest.fixture
    def servers(self, settings: Any, telegram: TelegramServer, bot: Bot) -> Iterator[dict[str, Any]]:
        with KikServer(check_people=False) as kik, MessengerServer(check_people=False) as messenger:
            urls = {"KIK_API_URL": kik.url, "MESSENGER_API_URL": messenger.url}
            settings.PERMABOTS = {**settings.PERMABOTS, **urls}
            integrations.attach(bot, "kik", {"username": "shop", "api_key": "gold-1"})
            integrations.attach(bot, "messenger", {"token": "page-token"})
            yield {"kik": kik, "messenger": messenger, "telegram": telegram}

    @pytest.mark.parametrize(
        ("slug", "method", "text"),
        [
            ("telegram", "sendMessage", "News (https://n.example/)\ngo: https://shop.example/\nno"),
            ("messenger", "messages", "News (https://n.example/)\ngo: https://shop.example/\nno"),
            ("kik", "message", "News (https://n.example/)\ngo\nno"),
        ],
    )
    def test_a_notification_is_told_in_words_only(
        self, bot: Bot, servers: dict[str, Any], slug: str, method: str, text: str
    ) -> None:
        response = {
            "text_template": "<a href='https://n.example/'>News</a>",
            "keyboard_template": "[[('go', 'https://shop.example/'), 'no']]",
        }
        hook = create_hook(Bot.objects.get(pk=bot.pk), {"name": "n", "key": "KEY3", "response": response})
        who = {"user_id": "joe"} if slug == "kik" else {}
        hook.recipients.create(provider=slug, chat_id="77", name="one", **who)
        servers[slug].add_fault(Fault(FaultKind.REFUSE, method=method, status=400, count=1))
        post(hook, {})
        deliver()
        row = OutboundMessage.objects.get()
        assert row.status == "pending"
        deliver_again(row)
        row.refresh_from_db()
        assert (row.status, row.attempts, row.payload["plain"]) == ("sent", 2, True)
        (shown,) = providers()[slug].preview(row.call())
        assert (shown.text, shown.keyboard) == (text, ())
        assert Notification.objects.get().status == "done"

    @pytest.mark.parametrize("slug", ["messenger", "kik"])
    def test_words_only_have_no_plainer_form(self, slug: str) -> None:
        provider = providers()[slug]
        (payload,) = provider.render(Answer(("words",)), Address("77", "joe"))
        assert provider.plainest(payload, "no") is None

    def test_many_cards_are_words_as_far_as_they_fit(self) -> None:
        provider = providers()["messenger"]
        rows = tuple((Button(f"label {n}", url=f"https://shop.example/{n}"),) for n in range(30))
        payload = provider.render(Answer(("Pick",), rows), Address("77"))[-1]
        plainer = provider.plainest(payload, "no")
        assert plainer is not None
        text = plainer.body["message"]["text"]
        assert text.startswith("Pick\nlabel 0: https://shop.example/0\n")
        assert len(text) <= provider.limits.text


def deliver_again(row: OutboundMessage) -> None:

    draining.drain(row.conversation_id, row.conversation.provider)
