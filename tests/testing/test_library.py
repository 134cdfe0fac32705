"""The library that bots are written with takes the stand-in for Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TimedOut

from permabots.testing import Fault, FaultKind, TelegramServer
from tests.testing.helpers import TOKEN


def use(telegram: TelegramServer, action: Callable[[Bot], Awaitable[Any]], token: str = TOKEN) -> Any:
    """Let a bot of the library do something."""

    async def act() -> Any:
        async with Bot(token, base_url=f"{telegram.url}/bot") as bot:
            return await action(bot)

    return asyncio.run(act())


def test_it_learns_who_it_is(telegram: TelegramServer):
    me = use(telegram, lambda bot: bot.get_me())
    assert (me.id, me.username, me.is_bot) == (111, "fake_111_bot", True)


def test_it_sends_a_message_with_a_keyboard(telegram: TelegramServer):
    telegram.send_text(TOKEN, 7, "question")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Large", callback_data="size:l")]])
    message = use(
        telegram,
        lambda bot: bot.send_message(
            7, "<b>Which?</b>", parse_mode="HTML", reply_markup=keyboard, reply_parameters=ReplyParameters(1)
        ),
    )
    assert (message.text, message.entities[0].type, message.chat.id) == ("Which?", "bold", 7)
    assert message.reply_markup == keyboard
    assert message.reply_to_message.text == "question"
    assert telegram.texts(7) == ["Which?"]


def test_it_polls_and_answers_a_press(telegram: TelegramServer):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Large", callback_data="size:l")]])
    use(telegram, lambda bot: bot.send_message(7, "Which?", reply_markup=keyboard))
    telegram.press_button(TOKEN, 7, "Large")

    async def poll(bot: Bot) -> bool:
        updates = await bot.get_updates(timeout=5)
        query = updates[0].callback_query
        assert query is not None
        assert query.data == "size:l"
        return await bot.answer_callback_query(query.id, "Thank you")

    assert use(telegram, poll) is True


def test_it_sets_and_reads_the_webhook(telegram: TelegramServer):
    async def act(bot: Bot) -> Any:
        await bot.set_webhook("https://bot.example/", secret_token="s3cret", allowed_updates=["message"])
        return await bot.get_webhook_info()

    info = use(telegram, act)
    assert (info.url, info.allowed_updates, info.pending_update_count) == ("https://bot.example/", ("message",), 0)
    assert use(telegram, lambda bot: bot.delete_webhook()) is True


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage"), RetryAfter),
        (Fault(FaultKind.MIGRATED, method="sendMessage", migrate_to_chat_id=-1000000000007), ChatMigrated),
        (Fault(FaultKind.REVOKE, method="sendMessage"), InvalidToken),
        (
            Fault(FaultKind.REFUSE, method="sendMessage", status=403, description="Forbidden: user is deactivated"),
            Forbidden,
        ),
        (Fault(FaultKind.REFUSE, method="sendMessage", status=409, description="Conflict: x"), Conflict),
        (Fault(FaultKind.REFUSE, method="sendMessage", description="Bad Request: chat not found"), BadRequest),
        (Fault(FaultKind.HANG, method="sendMessage", seconds=30), TimedOut),
    ],
)
def test_it_understands_what_goes_wrong(
    telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch, fault: Fault, error: type[Exception]
):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the library warns that RetryAfter will change
    telegram.add_fault(fault)
    with pytest.raises(error):
        use(telegram, lambda bot: bot.send_message(7, "hi", read_timeout=0.2))
