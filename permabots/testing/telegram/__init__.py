"""A stand-in for Telegram: its Bot API over HTTP on 127.0.0.1, and the people who write to bots.

In a test::

    with TelegramServer() as telegram:
        # let the bot's code use telegram.url in place of https://api.telegram.org, and set its webhook, then
        telegram.send_text("111:aaa", chat_id=7, text="/start")
        telegram.wait_for_messages(7, count=1)
        assert telegram.texts(7) == ["Hello"]
        telegram.press_button("111:aaa", 7, "Show me")

As a process, steered by `TelegramControl` from another one::

    python -m permabots.testing.telegram --port 8081 --state /tmp/telegram.json

It knows getMe, setWebhook, deleteWebhook, getWebhookInfo, getUpdates, sendMessage, sendChatAction and
answerCallbackQuery, checks what Telegram checks and refuses in its words. Updates reach a webhook in Telegram's order,
with the secret header and its retries. `add_fault` lets calls fail. Of itself it refuses a token that is malformed or
contains REJECT (401), chat 403403 (403, blocked) and chat 429429 (429).

What the tests of this project rely on and Telegram does not promise: a bot is called ``fake_<number>_bot`` until it is
registered under another name; message ids count from 1 in each chat of each bot.
"""

from permabots.testing.faults import Fault, FaultKind
from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.telegram.control import TelegramControl
from permabots.testing.telegram.server import TelegramServer
from permabots.testing.telegram.steering import TelegramSteering

__all__ = [
    "Call",
    "Delivery",
    "Fault",
    "FaultKind",
    "Sent",
    "TelegramControl",
    "TelegramServer",
    "TelegramSteering",
    "Violation",
]
