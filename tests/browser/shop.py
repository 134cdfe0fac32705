"""The ordering bot of the demo, connected, with people who have talked to it: what pages are filled with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, OuterRef, Subquery, Value
from django.db.models.functions import Mod

from demo.shop import APP_SECRET, HANDLERS, HOOK, KIK_BOT, KIK_KEY, MENU, PAGE_TOKEN, TOKEN, VARIABLES
from permabots.engine.test_steps import StubResponse
from permabots.models import (
    Bot,
    ChatState,
    Contact,
    Conversation,
    ConversationTest,
    EnvironmentVar,
    InboundMessage,
    Notification,
    OutboundMessage,
    Recipient,
)
from permabots.models.registry import providers
from permabots.pipeline.authoring import api_tokens, integrations
from permabots.pipeline.authoring.configuration import create_handler, create_hook
from permabots.pipeline.authoring.conversation_tests import Played, play
from permabots.pipeline.authoring.simulate import Question
from permabots.values import Inbound, Kind, WebhookRequest

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MOMENT = ExpressionWrapper(
    Value(BEGAN)
    + F("provider_sequence") * Value(timedelta(seconds=20), DurationField())
    + Mod(F("conversation"), 100) * Value(timedelta(minutes=7), DurationField()),
    output_field=DateTimeField(),
)
"""When a message came in."""
PEOPLE = ("Ann", "Bea", "Carlos", "Dilek", "Emil", "Fatma", "Giulia", "Henrik", "Ines", "Jun")
SHOP_API = "http://127.0.0.1:9/shop"
CREDENTIALS: dict[str, dict[str, str]] = {
    "telegram": {"token": TOKEN},
    "kik": {"username": KIK_BOT, "api_key": KIK_KEY},
    "messenger": {"token": PAGE_TOKEN, "app_secret": APP_SECRET},
    "web": {},
}
ORDER = StubResponse(201, {"number": 17, "item": "flat_white", "name": "Flat white"})
SAID: tuple[tuple[Kind, str, StubResponse | None], ...] = (
    (Kind.TEXT, "hello?", None),
    (Kind.TEXT, "/start", StubResponse(200, list(MENU.values()))),
    (Kind.TEXT, "order cake", StubResponse(404, {"detail": "not on the menu"})),
    (Kind.BUTTON, "order flat_white", StubResponse(200, MENU["flat_white"])),
    (Kind.BUTTON, "Yes", ORDER),
)
"""What everybody says, and what the shop's API answers."""


def make_shop(owner: Any, api: str = SHOP_API) -> Bot:
    """Make the ordering bot, with its accounts at the stand-ins and its hook.

    Args:
        owner: whose it is.
        api: the address of the shop's API; nothing answers at the default one.
    """
    bot = Bot.objects.create(owner=owner, name="Corner Café")
    for key, value in {**VARIABLES, "api": api}.items():
        EnvironmentVar.objects.create(bot=bot, key=key, value=value)
    EnvironmentVar.objects.create(bot=bot, key="api_key", value="sesame-open-0123456789", secret=True)
    for handler in HANDLERS:
        create_handler(bot, handler)
    for slug in providers():
        if slug in CREDENTIALS:
            integrations.attach(bot, slug, CREDENTIALS[slug])
    hook = create_hook(bot, HOOK)
    Recipient.objects.create(hook=hook, provider="telegram", chat_id="1001", name="Ann")
    Recipient.objects.create(hook=hook, provider="messenger", chat_id="2001", name="Bea")
    return Bot.objects.get(pk=bot.pk)


@dataclass
class Shop:
    """The shop with its conversations, written into the database at once: their traces are the engine's.

    Args:
        bot: the ordering bot.
        talks: how many conversations.
        turns: how often somebody says something in each.
    """

    bot: Bot
    talks: int = 100
    turns: int = len(SAID)
    rows: dict[str, Any] = field(default_factory=dict, init=False)
    """One row of each table, by the table's name."""

    def __post_init__(self) -> None:
        played = {slug: talk(self.bot, slug) for slug in CREDENTIALS}
        conversations = self._conversations()
        inbound = [
            self._inbound(chat, number, *played[chat.provider][number % len(SAID)])
            for chat in conversations
            for number in range(self.turns)
        ]
        InboundMessage.objects.bulk_create(inbound)
        InboundMessage.objects.update(received_at=MOMENT, handled_at=MOMENT)
        calls = [
            call
            for row in inbound
            for call in _outbound(row, played[row.conversation.provider][(row.provider_sequence) % len(SAID)][1])
        ]
        OutboundMessage.objects.bulk_create(calls)
        came = InboundMessage.objects.filter(pk=OuterRef("inbound")).values("received_at")
        OutboundMessage.objects.update(sent_at=Subquery(came))
        self._others(conversations, inbound, played["telegram"])

    def _conversations(self) -> list[Conversation]:
        chats = []
        for number in range(self.talks):
            slug = tuple(CREDENTIALS)[number % len(CREDENTIALS)]
            person = Contact(provider=slug, external_id=str(1001 + number), first_name=PEOPLE[number % len(PEOPLE)])
            chat = Conversation(bot=self.bot, provider=slug, chat_id=str(1001 + number), user_id=str(1001 + number))
            chat.contact = person
            chats.append(chat)
        Contact.objects.bulk_create([chat.contact for chat in chats if chat.contact])
        return Conversation.objects.bulk_create(chats)

    def _inbound(self, chat: Conversation, number: int, event: Inbound, played: Played) -> InboundMessage:
        integration: Any = self.bot.integration(chat.provider)
        return InboundMessage(
            **{"conversation": chat, "bot": self.bot, "provider": chat.provider, "integration_id": integration.pk},
            **{
                "external_id": f"{chat.pk}:{number}",
                "provider_sequence": number,
                "kind": event.kind,
                "text": event.text,
            },
            **{"sender": asdict(event.sender) if event.sender else None, "raw": event.raw, "status": "done"},
            **{"trace": played.simulation.outcome.trace},
        )

    def _others(self, chats: list[Conversation], inbound: list[InboundMessage], steps: list[Any]) -> None:
        """Write what there is one of, or a few: states of chats, a notification, a test, a message that failed."""
        bot = self.bot
        ordered = bot.states.get(name="Ordered")
        kept = dict(steps[-1][1].after.contexts)
        states = [ChatState(conversation=it, provider=it.provider, state=ordered, contexts=kept) for it in chats]
        ChatState.objects.bulk_create(states)
        hook = bot.hooks.get()
        told = {"data": {"number": 17, "minutes": 4}, "trace": {"texts": ["☕ Order 17 is ready in 4 minutes."]}}
        notice = Notification.objects.create(bot=bot, hook=hook, status="done", total=2, **told)
        test = ConversationTest(bot=bot, name="order", provider="telegram")
        test.steps = [played.step.as_json() for _, played in steps]
        test.save()
        failed = OutboundMessage.objects.filter(inbound=inbound[-1]).order_by("-part")[0]
        facts = {"status": "parked", "attempts": 8, "error": "the chat was not found", "sent_at": None}
        OutboundMessage.objects.filter(pk=failed.pk).update(**facts)
        rows = [
            *(bot, *bot.integrations(), bot.handlers.get(name="choose"), bot.env_vars.get(key="api_key"), ordered),
            api_tokens.create(bot.owner, {"name": "the till", "scopes": ["send"], "bots": [bot]})[0],
            *(hook, notice, test, chats[0], chats[0].contact, states[0], inbound[3], failed),
            bot.events.latest("pk"),
        ]
        self.rows = {str(row._meta.model_name): row for row in rows if row is not None}


def talk(bot: Bot, slug: str) -> list[tuple[Inbound, Played]]:
    """Return what somebody says on a messenger, and what the engine makes of it."""
    provider, question, steps = providers()[slug], Question(slug, "", chat="1001", user="1001"), []
    for kind, text, answer in SAID:
        question = Question(
            **{"service": slug, "text": text, "kind": kind, "chat": "1001", "user": "1001", "response": answer},
            **{"state": question.state, "contexts": question.contexts},
        )
        body = provider.simulated_update(text, kind, "1001", "1001")
        event = provider.parse(WebhookRequest(json.dumps(body).encode()), bot.integration(slug).account_identity())[0]
        played = play(bot, question)
        steps.append((event, played))
        question = played.after
    return steps


def _outbound(row: InboundMessage, played: Played) -> list[OutboundMessage]:
    return [
        OutboundMessage(
            **{"conversation": row.conversation, "inbound": row, "part": part, "status": "sent", "attempts": 1},
            **{"payload": OutboundMessage.stored(payload), "sent_at": BEGAN},
        )
        for part, payload in enumerate(played.simulation.payloads)
    ]
