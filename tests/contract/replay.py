"""Running a recorded conversation against the real thing."""

from __future__ import annotations

import hmac
import json
import re
import time
from dataclasses import dataclass
from typing import Any

import requests
from rest_framework.authtoken.models import Token

from permabots.models import (
    Bot,
    ChatState,
    Conversation,
    EnvironmentVar,
    Handler,
    InboundMessage,
    Notification,
    OutboundMessage,
    Recipient,
    Request,
    Response,
    State,
    TelegramBot,
)
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_hook, state
from permabots.testing import KikServer, MessengerServer, TelegramServer, UserApiServer
from tests.contract.recorded import Seen, in_order, kik_send, messenger_sends, telegram_send, to_present
from tests.factories import make_bot

PROVIDERS = ("telegram", "kik", "messenger")
PATIENCE = 20.0
APP_SECRET, KIK_KEY = "app-secret", "gold-1"
PAGE = "PAGE"
"""The page's id in the recording: one page, which serves all these bots."""


@dataclass(frozen=True)
class StandIns:
    """What takes the place of everything outside."""

    telegram: TelegramServer
    kik: KikServer
    messenger: MessengerServer
    user_api: UserApiServer


class Replay:
    """One recorded bot, connected to the stand-ins of all three providers.

    Args:
        case: the recorded conversation.
        number: tells it from the other cases: its number at Telegram, part of its names elsewhere.
        outside: the stand-ins.
        seconds: by which dates are moved.
        site: the address of the web server.
    """

    def __init__(self, case: dict[str, Any], number: int, outside: StandIns, seconds: int, site: str) -> None:
        self.number, self.outside, self.seconds, self.site = number, outside, seconds, site
        self.telegram, self.user_api = outside.telegram, outside.user_api
        self.token, self.kik_bot, self.page_token = f"{number}:aaa", f"kikbot{number}", f"page-token-{number}"
        self.bot = make_bot(name=case["name"])
        self._configure(case["bot"])
        self._connect(case["bot"].get("enabled", {}))
        self._state_the_chats(case["bot"].get("chat_states", ()))
        for values in case["bot"].get("hooks", ()):
            self._hook(values)

    def step(self, step: dict[str, Any]) -> Seen:
        """Post a step's payload and wait for what comes of it."""
        self._edit(step.get("before_step", ""))
        asked = len(self.user_api.requests)
        starts = len(self.telegram.calls()), len(self.outside.kik.sent()), len(self.outside.messenger.sent())
        status = self._post(step["to"], to_present(step["payload"], self.seconds))
        self._wait()
        return Seen(
            status,
            self._sends(*starts),
            [
                {"method": r.method, "path": r.path, "query": [list(pair) for pair in r.query], "body": r.text}
                for r in self.user_api.requests[asked:]
            ],
            self._states(),
        )

    def _sends(self, telegram: int, kik: int, messenger: int) -> list[dict[str, Any]]:
        """Return what was sent since then, by provider; what Telegram refused too. Chats are in the order of ids."""
        calls = self.telegram.calls(telegram)
        mine = [call for call in calls if call.bot == self.number and call.method.lower() == "sendmessage"]
        sends = [telegram_send(call.arguments) for call in mine]
        sends += [kik_send(sent.message) for sent in self.outside.kik.sent(kik) if sent.bot == self.kik_bot]
        for sent in self.outside.messenger.sent(messenger):
            sends += messenger_sends(sent.chat_id, sent.message)
        return in_order(sends)

    def _states(self) -> list[dict[str, Any]]:
        rows = ChatState.objects.filter(conversation__bot=self.bot).select_related("conversation", "state")
        return [
            {
                "provider": row.provider,
                "chat": row.chat,
                "user": row.user,
                "state": row.state.name,
                "context": row.contexts,
            }
            for row in sorted(rows, key=lambda row: PROVIDERS.index(row.provider))
        ]

    def _configure(self, config: dict[str, Any]) -> None:
        """Write the rows as the recording's were: some of them no author could save through the API."""
        for name in config.get("states", ()):
            state(self.bot, name)
        for key, value in config.get("env", {}).items():
            EnvironmentVar.objects.create(bot=self.bot, key=key, value=value)
        for values in config.get("handlers", ()):
            self._handler(values)

    def _handler(self, values: dict[str, Any]) -> None:
        request = values.get("request")
        if request is not None:
            request = {**request, "url_template": request["url_template"].replace("<userapi>", self.user_api.base)}
        handler = Handler.objects.create(
            bot=self.bot,
            name="handler",
            pattern=values["pattern"],
            response=Response.objects.create(**values["response"]),
            request=Request.objects.create(**request) if request else None,
            target_state=state(self.bot, values["target_state"]) if values.get("target_state") else None,
            enabled=values.get("enabled", True),
            priority=values.get("priority", 0),
        )
        handler.source_states.set(state(self.bot, name) for name in values.get("source_states", ()))

    def _connect(self, enabled: dict[str, bool]) -> None:
        self.outside.messenger.register_page(self.page_token, page_id=PAGE, app_secret=APP_SECRET)
        credentials = {
            "telegram": {"token": self.token},
            "kik": {"username": self.kik_bot, "api_key": KIK_KEY},
            "messenger": {"token": self.page_token, "app_secret": APP_SECRET},
        }
        self.urls = {}
        for slug in PROVIDERS:
            row = integrations.attach(self.bot, slug, credentials[slug])
            self.urls[slug] = row.webhook_url
            if not enabled.get(slug, True):
                integrations.change(row, {}, enabled=False)
        self.secret = TelegramBot.objects.get(bot=self.bot).webhook_secret

    def _hook(self, values: dict[str, Any]) -> None:
        hook = create_hook(self.bot, {**values, "key": f"{values['key']}{self.number}"})
        for slug in PROVIDERS:
            for row in values.get(f"{slug}_recipients", ()):
                Recipient.objects.create(
                    hook=hook,
                    provider=slug,
                    chat_id=str(row["chat_id"]),
                    user_id=row.get("username", ""),
                    name=row["name"],
                )

    def _state_the_chats(self, rows: Any) -> None:
        for row in rows:
            if row["provider"] == "telegram":
                talk, _ = Conversation.objects.get_or_create(
                    bot=self.bot, provider="telegram", chat_id=str(row["chat"]), user_id=str(row["user"])
                )
                values = {"state": state(self.bot, row["state"]), "contexts": row.get("context") or {}}
                # The original let one chat have two states; here the first stands.
                ChatState.objects.get_or_create(conversation=talk, defaults={"provider": "telegram", **values})

    def _edit(self, words: str) -> None:
        """Do what the recording did between two steps, told in words."""
        if found := re.match(r"the state (.+?) is deleted", words):
            State.objects.get(bot=self.bot, name=found[1]).delete()
        elif found := re.match(r"the variable (\w+) is changed to '(.*)'", words):
            EnvironmentVar.objects.filter(bot=self.bot, key=found[1]).update(value=found[2])
        elif words:
            raise LookupError(f"unknown edit: {words}")

    def _post(self, to: str, payload: Any) -> int:
        body = self._own(json.dumps(payload, separators=(",", ":")))
        kind, _, key = to.partition(":")
        headers = {"Content-Type": "application/json", **self._proof(kind, body)}
        url = self.urls.get(kind) or f"{self.site}/processing/hook/{key}{self.number}/"
        return requests.post(url, data=body, headers=headers, timeout=10).status_code

    def _own(self, body: str) -> bytes:
        """Put this bot's name in place of the one in the recording."""
        return body.replace("fake_111_bot", f"fake_{self.number}_bot").encode()

    def _proof(self, kind: str, body: bytes) -> dict[str, str]:
        """Return the headers that show who is calling."""
        if kind == "telegram":
            return {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        if kind == "kik":
            return {"X-Kik-Signature": hmac.new(KIK_KEY.encode(), body, "sha1").hexdigest().upper()}
        if kind == "messenger":
            return {"X-Hub-Signature-256": f"sha256={hmac.new(APP_SECRET.encode(), body, 'sha256').hexdigest()}"}
        token, _ = Token.objects.get_or_create(user=self.bot.owner)
        return {"Authorization": f"Token {token.key}"}

    def _wait(self) -> None:
        """Wait until the bot has nothing left to do, or has been told to wait."""
        bot = Bot.objects.get(pk=self.bot.pk)
        end = time.monotonic() + PATIENCE
        while self._is_busy(bot):
            if time.monotonic() > end:
                raise TimeoutError(f"{bot.name}: still busy after {PATIENCE} s")
            time.sleep(0.01)

    def _is_busy(self, bot: Bot) -> bool:
        inbound = InboundMessage.objects.unfinished().filter(conversation__bot=bot)
        outbound = OutboundMessage.objects.unfinished().filter(conversation__bot=bot)
        told = Notification.objects.unfinished().filter(bot=bot)
        sending = outbound.exclude(error__contains="Too Many Requests")
        return told.exists() or inbound.exists() or sending.exists()
