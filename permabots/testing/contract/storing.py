"""The client of a provider whose messages are stored in the project's database: once each, for people who are there."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

from permabots.exceptions import ProviderError, RecipientGone
from permabots.testing.contract.suite import Suite, without_webhook
from permabots.values import Address, Answer, Button, Payload, WebhookInfo

TIMEOUT = 5.0
HOOK = "https://bots.example.com/processing/hook/"
NOBODY = "nobody-has-this-chat"


class Storing(Suite):
    """The client of a provider that has no API."""

    @without_webhook
    def test_what_is_stored_shows_what_the_call_shows(self) -> None:
        client = self.account()
        payloads = self._messages()
        for payload in payloads:
            client.send(payload, TIMEOUT)
        shown = [one for payload in payloads for one in self.shown(payload)]
        found = self.stored(client, self.chat_id)
        self.check(found == shown, f"{shown} is stored as {found}")
        self.check(self.stored(client, self.other_chat_id) == [], "it is stored for somebody else, too")

    @without_webhook
    def test_a_call_that_is_made_again_is_one_message_and_has_the_same_receipt(self) -> None:
        client = self.account()
        first, second = self._messages()
        receipts = [client.send(payload, TIMEOUT) for payload in (first, second, first, second, first)]
        self.check(len(set(receipts)) == 2 and receipts == [*receipts[:2]] * 2 + receipts[:1], f"receipts {receipts}")
        wanted = [one for payload in (first, second) for one in self.shown(payload)]
        self.check(self.stored(client, self.chat_id) == wanted, "a call that is made again is stored again")

    @without_webhook
    def test_the_same_words_with_another_key_are_another_message(self) -> None:
        client = self.account()
        first = self._messages()[0]
        receipts = {client.send(replace(first, key=key), TIMEOUT) for key in ("1", "2")}
        self.check(len(receipts) == 2, "two messages have one receipt")
        self.check(len(self.stored(client, self.chat_id)) == 2, "what is said twice is stored once")

    @without_webhook
    def test_whoever_has_left_is_gone(self) -> None:
        client = self.account()
        first, second = self._messages()
        client.send(first, TIMEOUT)
        self.forget(client, self.chat_id)
        nobody = self.build().readdress(first, NOBODY)
        for payload, whose in ((second, "who left"), (first, "who left, sent before"), (nobody, "who never was")):
            call = partial(client.send, payload, TIMEOUT)
            self.check_raises(RecipientGone, call, f"a message for somebody {whose}")
        self.check(self.stored(client, self.chat_id) == [], "something is stored for somebody who left")
        client.send(self.build().readdress(second, self.other_chat_id), TIMEOUT)
        self.check(len(self.stored(client, self.other_chat_id)) == 1, "others are gone, too")

    @without_webhook
    def test_a_chat_of_another_account_is_not_reached(self) -> None:
        one, other = self.account(), self.account()
        one.send(self._messages()[0], TIMEOUT)
        self.check(self.stored(other, self.chat_id) == [], "the same chat of another account has the message")

    @without_webhook
    def test_an_account_is_known_without_a_call_and_has_no_webhook(self) -> None:
        client = self.account()
        self.check(bool(client.identify().id), "the account has no id")
        client.set_webhook(HOOK, "a-secret")
        self.check(client.webhook_info() == WebhookInfo(""), f"the webhook is {client.webhook_info()}")
        client.remove_webhook()
        self.check(not self.provider.can_poll, "can_poll: nothing is anywhere else")

    @without_webhook
    def test_without_an_account_nothing_is_sent(self) -> None:
        client = self.build().client(self.credentials)
        self.check_raises(ProviderError, lambda: client.send(self._messages()[0], TIMEOUT), "there is no account")

    def _messages(self) -> list[Payload]:
        """Return the calls of two messages, each with a key as a stored call has it."""
        answer = Answer(
            ("one", "two <b>&amp;</b>"), ((Button("Yes", "y"), Button("Site", url="https://example.com/")),)
        )
        payloads = self.build().render(answer, Address(self.chat_id, self.user_id))
        self.check_json([json.loads(json.dumps(payload.body)) for payload in payloads], "a payload")
        return [replace(payload, key=f"key-{number}") for number, payload in enumerate(payloads)]
