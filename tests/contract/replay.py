"""Running a recorded conversation against the real thing."""

from __future__ import annotations

import re
import time
from typing import Any

import requests

from permabots.models import (
    Bot,
    ChatState,
    Conversation,
    EnvironmentVar,
    Handler,
    InboundMessage,
    OutboundMessage,
    Request,
    Response,
    State,
)
from permabots.pipeline import integrations
from permabots.pipeline.configuration import state
from permabots.testing import TelegramServer, UserApiServer
from tests.contract.recorded import Seen, telegram_send, to_present
from tests.factories import make_bot

PATIENCE = 20.0


class Replay:
    """One recorded bot, connected to the stand-in Telegram.

    Args:
        case: the recorded conversation.
        number: the bot's number at Telegram.
        telegram: the stand-in.
        user_api: the stand-in for the author's API.
        seconds: by which dates are moved.
    """

    def __init__(
        self, case: dict[str, Any], number: int, telegram: TelegramServer, user_api: UserApiServer, seconds: int
    ) -> None:
        self.number, self.telegram, self.user_api, self.seconds = number, telegram, user_api, seconds
        self.token = f"{number}:aaa"
        self.bot = make_bot(name=case["name"])
        self._configure(case["bot"])
        self._connect(enabled=case["bot"].get("enabled", {}).get("telegram", True))
        self._state_the_chats(case["bot"].get("chat_states", ()))

    def step(self, step: dict[str, Any]) -> Seen:
        """Post a step's payload and wait for what comes of it."""
        self._edit(step.get("before_step", ""))
        calls, asked = len(self.telegram.calls()), len(self.user_api.requests)
        status = self._post(step["payload"])
        self._wait()
        return Seen(
            status,
            [
                telegram_send(call.arguments)
                for call in self.telegram.calls(calls)
                if call.bot == self.number and call.method.lower() == "sendmessage"
            ],
            [
                {"method": r.method, "path": r.path, "query": [list(pair) for pair in r.query], "body": r.text}
                for r in self.user_api.requests[asked:]
            ],
            [
                {"chat": row.chat, "user": row.user, "state": row.state.name, "context": row.contexts}
                for row in ChatState.objects.filter(conversation__bot=self.bot).select_related("conversation", "state")
            ],
        )

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

    def _connect(self, *, enabled: bool) -> None:
        row = integrations.attach(self.bot, "telegram", {"token": self.token})
        self.secret = self.telegram.webhook(self.token)["secret"]
        self.url = row.webhook_url
        if not enabled:
            integrations.change(row, {}, enabled=False)

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

    def _post(self, payload: Any) -> int:
        payload = to_present(payload, self.seconds)
        message = payload.get("message") if isinstance(payload, dict) else None
        if isinstance(message, dict) and isinstance(message.get("text"), str):
            message["text"] = message["text"].replace("fake_111_bot", f"fake_{self.number}_bot")
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        return requests.post(self.url, json=payload, headers=headers, timeout=10).status_code

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
        return inbound.exists() or outbound.exclude(error__contains="Too Many Requests").exists()
