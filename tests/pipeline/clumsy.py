"""A provider of another package that is not as good as it should be: Telegram, with a client that a test spoils."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import ClassVar

from permabots.providers.base.contract import Client, Credentials
from permabots.providers.telegram.client import TelegramClient
from permabots.providers.telegram.provider import Telegram
from permabots.values import Address, Answer, Payload, Receipt


class ClumsyClient(TelegramClient):
    """Takes a message to Telegram, and then raises what the test says."""

    trouble: ClassVar[BaseException | None] = None

    def send(self, payload: Payload, timeout: float) -> Receipt:
        receipt = super().send(payload, timeout)
        if ClumsyClient.trouble is not None:
            raise ClumsyClient.trouble
        return receipt


class Clumsy(Telegram):
    """Telegram, in the words of another package."""

    unready: ClassVar[BaseException | None] = None
    unshown: ClassVar[BaseException | None] = None

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        if Clumsy.unshown is not None:
            raise Clumsy.unshown
        return super().render(answer, address)

    def client(self, credentials: Credentials) -> Client:
        if Clumsy.unready is not None:
            raise Clumsy.unready
        return ClumsyClient(credentials["token"], self.options["api_url"])


class Deadly(Telegram):
    """Telegram, in the words of a package that takes its worker with it when it is to say one thing."""

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        if any("poison" in text for text in answer.texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().render(answer, address)


class Gentle(Telegram):
    """Telegram, in the words of a package that says nobody misses the first part of an answer."""

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        first, *others = super().render(answer, address)
        return [replace(first, optional=True), *others]
