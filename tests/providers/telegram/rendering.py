"""What the tests of Telegram's rendering render, and how they read it."""

from __future__ import annotations

from permabots.providers.telegram.provider import Telegram
from permabots.values import Address, Answer, Json

TELEGRAM = Telegram()
HOME = Address("7", "7", "101")
REMOVED = {"remove_keyboard": True, "selective": False}


def bodies(answer: Answer, address: Address = HOME) -> list[Json]:
    return [payload.body for payload in TELEGRAM.render(answer, address)]
