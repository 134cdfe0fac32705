"""The contract of a provider without a webhook, whose messages are stored: each breach of it is seen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from permabots.exceptions import ContentRefused, RecipientGone
from permabots.providers.base.contract import Client, Credentials
from permabots.providers.base.markup import plain
from permabots.providers.web.client import WebClient
from permabots.providers.web.provider import Web
from permabots.testing.contract import ProviderContract, Shown
from permabots.testing.contract.running import run
from permabots.values import Button, Identity, Json, Payload, Receipt, Sender, WebhookInfo, WebhookRequest
from tests.providers import fixtures

ROOT = Path(__file__).parents[2]


class Shelf:
    """What a project stores for one account, without a project.

    Args:
        people: the chats of people who are there.
    """

    def __init__(self, *people: str) -> None:
        self.chats: dict[str, dict[str, Json]] = {chat: {} for chat in people}

    def store(self, payload: Payload) -> Receipt:
        if (chat := self.chats.get(payload.body["chat"])) is None:
            raise RecipientGone("left")
        chat.setdefault(payload.key, payload.body)
        return Receipt(str(list(chat).index(payload.key) + 1))


class Kept(Web):
    """Web whose clients store on shelves, as their provider has them do: what the broken ones are made of."""

    model = "permabots.WebBot"

    def shelf(self, *people: str) -> Shelf:
        return Shelf(*people)

    def opened(self, store: Callable[[Payload], Receipt], account: Sender) -> Client:
        return self.client_of(store, account)


class KeptContract(ProviderContract):
    """The contract of such a provider."""

    __test__ = False  # broken ones are tested below
    provider = Kept
    fixtures = fixtures.FOLDER / "web"
    credentials: ClassVar[dict[str, str]] = {}
    answers: ClassVar[dict[str, Any]] = {}
    identity = Identity("shop", "shop")
    chat_id = "i:ada"
    other_chat_id = "i:grace"
    shelves: ClassVar[dict[Client, Shelf]] = {}

    def account(self) -> Client:
        provider: Any = self.provider()
        shelf = provider.shelf(self.chat_id, self.other_chat_id)
        client: Client = provider.opened(shelf.store, Sender("shop"))
        self.shelves[client] = shelf
        return client

    def stored(self, client: Client, chat_id: str) -> list[Shown]:
        return [shown(body) for body in self.shelves[client].chats.get(chat_id, {}).values()]

    def forget(self, client: Client, chat_id: str) -> None:
        del self.shelves[client].chats[chat_id]

    def shown(self, payload: Payload) -> list[Shown]:
        return [shown(payload.body)]


def shown(body: Json) -> Shown:
    rows = tuple(tuple(Button(it["label"], it.get("data"), it.get("url")) for it in row) for row in body["keyboard"])
    return Shown(body["chat"], plain(body["markup"]), rows)


class BelievesAll(Kept):
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None: ...


class Polled(Kept):
    can_poll = True


class StoresEachTime(Kept):
    def shelf(self, *people: str) -> Shelf:
        return Forgetful(*people)


class Forgetful(Shelf):
    """One that knows no keys."""

    def store(self, payload: Payload) -> Receipt:
        return super().store(replace(payload, key=f"{len(self.chats.get(payload.body['chat'], ()))}"))


class KnowsWordsOnly(Kept):
    def shelf(self, *people: str) -> Shelf:
        return Wordy(*people)


class Wordy(Shelf):
    """One that takes the same words for the same message."""

    def store(self, payload: Payload) -> Receipt:
        return super().store(replace(payload, key=payload.body["markup"]))


class TalksToNobody(Kept):
    def shelf(self, *people: str) -> Shelf:
        return Patient(*people)


class Patient(Shelf):
    """One that takes messages for whoever left."""

    def store(self, payload: Payload) -> Receipt:
        with suppress(RecipientGone):
            return super().store(payload)
        return Receipt("0")


class OneShelf(Kept):
    """All accounts share what they store."""

    shared = Shelf()

    def shelf(self, *people: str) -> Shelf:
        self.shared.chats = {chat: self.shared.chats.get(chat, {}) for chat in people}
        return self.shared


class DropsButtons(Kept):
    def opened(self, store: Callable[[Payload], Receipt], account: Sender) -> Client:
        return super().opened(lambda it: store(replace(it, body={**it.body, "keyboard": []})), account)


class Registered(WebClient):
    def webhook_info(self) -> WebhookInfo:
        return WebhookInfo("https://example.com/")


class HasAddress(Kept):
    def opened(self, store: Callable[[Payload], Receipt], account: Sender) -> Client:
        return Registered(store, account)


class Nameless(Kept):
    def opened(self, store: Callable[[Payload], Receipt], account: Sender) -> Client:
        return super().opened(store, Sender(""))


class Everywhere(Kept):
    def client(self, credentials: Credentials) -> Client:
        return WebClient(Shelf("i:ada").store, Sender("shop"))


class Refusing(Kept):
    def opened(self, store: Callable[[Payload], Receipt], account: Sender) -> Client:
        return WebClient(refused, account)


def refused(payload: Payload) -> Receipt:
    raise ContentRefused("no")


BREACHES: list[tuple[type[Kept], str, str]] = [
    (BelievesAll, "test_every_call_is_rejected", "no WebhookRejected"),
    (DropsButtons, "test_what_is_stored_shows_what_the_call_shows", "is stored as"),
    (StoresEachTime, "test_a_call_that_is_made_again_is_one_message_and_has_the_same_receipt", "receipts"),
    (KnowsWordsOnly, "test_the_same_words_with_another_key_are_another_message", "one receipt"),
    (TalksToNobody, "test_whoever_has_left_is_gone", "no RecipientGone"),
    (Refusing, "test_what_is_stored_shows_what_the_call_shows", "no"),
    (OneShelf, "test_a_chat_of_another_account_is_not_reached", "of another account"),
    (HasAddress, "test_an_account_is_known_without_a_call_and_has_no_webhook", "the webhook is"),
    (Nameless, "test_an_account_is_known_without_a_call_and_has_no_webhook", "no id"),
    (Polled, "test_an_account_is_known_without_a_call_and_has_no_webhook", "can_poll"),
    (Everywhere, "test_without_an_account_nothing_is_sent", "no ProviderError"),
]


@pytest.mark.parametrize(
    ("broken", "name", "words"), BREACHES, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_breach_is_seen_by_the_test_for_it(broken: type[Kept], name: str, words: str) -> None:
    suite: Any = type("Broken", (KeptContract,), {"provider": broken, "__test__": False})
    arguments = {"webhook": suite.first_webhook()} if "every_call" in name else {}
    with pytest.raises(Exception) as caught:
        getattr(suite(), name)(**arguments)
    assert words in str(caught.value)


def test_what_holds_is_counted_and_nothing_of_a_webhook_or_an_api_is_asked_for() -> None:
    counts = run(KeptContract)
    assert (counts.webhooks, counts.answers) == (5, 0)
    assert counts.checks > 1000


def test_a_suite_that_does_not_say_what_is_stored_says_so() -> None:
    class Bare(ProviderContract):
        provider = Kept

    client = Kept().client({})
    with pytest.raises(NotImplementedError, match="account"):
        Bare().account()
    with pytest.raises(NotImplementedError, match="stored"):
        Bare().stored(client, "7")
    with pytest.raises(NotImplementedError, match="forget"):
        Bare().forget(client, "7")


def test_the_command_checks_a_provider_that_stores_in_a_database_of_its_own() -> None:
    command = [sys.executable, "-m", "permabots.testing.contract", "tests.providers.web.test_contract.TestWeb"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings_sqlite"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("web: 5 webhook bodies, 0 API answers, ")
