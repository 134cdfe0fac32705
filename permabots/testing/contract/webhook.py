"""Who may call the webhook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from permabots.exceptions import MalformedWebhook, WebhookRejected
from permabots.testing.contract import malformed_events
from permabots.testing.contract.suite import Suite, with_webhook, without_webhook
from permabots.values import WebhookRequest

WRONG = ("", "wrong", "sha256=", "0" * 64, "prevüous\udcff")
"""What a caller may send who knows no secret."""


class Webhook(Suite):
    """Verification, and bodies that are none."""

    @with_webhook
    def test_a_call_with_its_proof_is_taken(self, webhook: str) -> None:
        body = self.body(webhook)
        self._verify(body, self.sign(body))
        self.check(self.build().can_verify(self.credentials), "can_verify: no, but the suite has its secrets")

    def test_a_call_without_proof_is_rejected(self, webhook: str) -> None:
        body = self.body(webhook)
        self._check_rejected(body, {}, "without a header")

    @with_webhook
    def test_a_call_with_a_wrong_proof_is_rejected(self) -> None:
        body = self.body(self.first_webhook())
        right = self.sign(body)
        for wrong in (*WRONG, *(value[:-1] for value in right.values()), *(f"{value}0" for value in right.values())):
            self._check_rejected(body, dict.fromkeys(right, wrong), f"with {wrong!r}")

    @with_webhook
    def test_a_proof_is_of_the_raw_bytes_where_it_is_of_the_body(self) -> None:
        body = self.body(self.first_webhook())
        right = self.sign(body)
        if self.sign(body + b" ") == right:
            return  # a shared secret: it proves who calls, not what is said
        for other in (body + b" ", body.replace(b":", b": ", 1), b"{}", b""):
            self._check_rejected(other, right, "whose body is another one")

    @with_webhook
    def test_without_a_stored_secret_nothing_is_proved(self) -> None:
        body = self.body(self.first_webhook())
        none = dict.fromkeys(self.credentials, "")
        provider = self.build()
        for headers in ({}, dict.fromkeys(self.sign(body), ""), self.sign(body)):
            request = WebhookRequest(body, lowered(headers))
            if provider.can_verify(none) or provider.missing_secret(none):
                self.check_raises(WebhookRejected, partial(provider.verify, request, none), "no secret stored")
            else:
                provider.verify(request, none)
                self.counts.checks += 1

    @without_webhook
    def test_every_call_is_rejected(self, webhook: str) -> None:
        body = self.body(webhook)
        for value in WRONG:
            self._check_rejected(body, {"Authorization": value}, f"with {value!r}")

    def test_what_is_no_json_object_is_malformed(self) -> None:
        for body in malformed_events.MALFORMED:
            error = self.check_raises(MalformedWebhook, partial(self.parse, body), repr(body[:40]))
            self.check(error.status == 400, "a malformed body is not answered 400")

    def test_a_handshake_with_nothing_to_show_is_rejected(self) -> None:
        provider = self.build()
        for query in ({}, {"hub.mode": "subscribe", "hub.challenge": "1"}):
            request = WebhookRequest(b"", {}, query)
            credentials = {**self.credentials, "id": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"}
            self.check_raises(WebhookRejected, partial(provider.handshake, request, credentials), repr(query))

    def _verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.build().verify(WebhookRequest(body, lowered(headers)), self.credentials)
        self.counts.checks += 1

    def _check_rejected(self, body: bytes, headers: Mapping[str, str], words: str) -> None:
        error = self.check_raises(WebhookRejected, lambda: self._verify(body, headers), f"a call {words}")
        self.check(error.status == 403, "an unproved call is not answered 403")
        self.check_discreet(f"{error} {error.reason} {error!r}", "a refusal")


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers as a `WebhookRequest` has them: by names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
