"""The results of a provider's client for answers of its API, over real sockets on 127.0.0.1."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from permabots.exceptions import ProviderError, Retryable
from permabots.providers.base.contract import Client
from permabots.testing.contract import malformed_events
from permabots.testing.contract.suite import Suite, about, with_webhook
from permabots.testing.http11 import Reply, Request
from permabots.testing.server import StandInServer
from permabots.values import Address, Answer, Json, Payload, Receipt

TIMEOUT = 5.0
SHORT = 0.3
"""Seconds that a call may take that gets no answer."""
NEVER = 60.0
STATUSES = (200, 201, 302, 400, 401, 403, 404, 405, 409, 410, 413, 418, 429, 500, 502, 503)
BODIES = (b"", b"not JSON", b"<html>Bad Gateway</html>", b"[]", b"7", b"null", b"{}", b'{"a": {}}', b"\xff\xfe")
SERVER_ERROR = 500
HOOK = "https://bots.example.com/processing/hook/"


class Api(StandInServer):
    """Answers every call with the same.

    Args:
        reply: the answer; a function of the request where it depends on that.
    """

    def __init__(self, reply: Reply | Callable[[Request], Reply]) -> None:
        super().__init__()
        self._reply = reply
        self.requests: list[Request] = []

    def respond(self, request: Request) -> Reply:
        self.requests.append(request)
        return self._reply if isinstance(self._reply, Reply) else self._reply(request)


class Calls(Suite):
    """The client of a provider that has an API."""

    @with_webhook
    def test_an_answer_of_the_api_means_what_the_table_says(self, answer: str) -> None:
        wanted = self.answers[answer]
        found = self._send(Reply(wanted.status, self.body(answer), wanted.headers))
        if isinstance(wanted.means, Receipt):
            self.check(found == wanted.means, f"{answer} is {found!r}, not {wanted.means}")
            return
        self.check(type(found) is wanted.means, f"{answer} is {found!r}, not {wanted.means.__name__}")
        waits = getattr(found, "retry_after", None)
        self.check(waits == wanted.retry_after, f"{answer} waits {waits} s, not {wanted.retry_after}")

    @with_webhook
    def test_an_answer_that_repeats_the_credentials_does_not_spread_them(self, answer: str) -> None:
        wanted = self.answers[answer]
        for secret in {self.credentials[name] for name in self.provider.credential_fields}.intersection(self.secrets()):
            planted = json.dumps(_planted(self.content(answer), secret)).encode()
            self._send(Reply(wanted.status, planted, wanted.headers))

    @with_webhook
    def test_a_page_that_repeats_the_call_does_not_spread_the_credentials(self) -> None:
        for status in (400, 404, 502):
            self._send(partial(_repeated, status))

    @with_webhook
    def test_no_answer_is_anything_but_a_result_or_an_error_that_says_what_to_do(self) -> None:
        for status in STATUSES:
            for body in BODIES:
                with Api(Reply(status, body)) as api:
                    for name, call in self._calls(self._client(api.url)):
                        with about(f"{name}, answered {status} {body!r}"):
                            self._check_odd_answer(call, name, status)

    @with_webhook
    def test_an_answer_with_an_odd_value_in_it_is_a_result_or_an_error_too(self, answer: str) -> None:
        """Another exception of ``send`` is unforeseen: the message may have left, and would be sent again and again."""
        wanted, body = self.answers[answer], [b""]
        with Api(lambda _: Reply(wanted.status, body[0], wanted.headers)) as api:
            client, message = self._client(api.url), self._message()
            for odd in malformed_events.changed(self.content(answer)):
                body[0] = json.dumps(odd).encode()
                with about(f"{answer}, answered {wanted.status} {body[0]!r}"):
                    found = self._outcome(lambda: client.send(message, TIMEOUT))
                    self.check(isinstance(found, Receipt | ProviderError), f"send returns {found!r}")

    @with_webhook
    def test_a_server_that_takes_no_connection_has_taken_nothing(self) -> None:
        with Api(Reply()) as api:
            url = api.url
        for name, call in self._calls(self._client(url)):
            found = self._outcome(call)
            self.check(isinstance(found, Retryable) and not found.ambiguous, f"{name}: nobody there is {found!r}")

    @with_webhook
    def test_a_connection_that_breaks_leaves_open_what_became_of_the_call(self) -> None:
        found = self._send(Reply(cut=True))
        self.check(isinstance(found, Retryable) and found.ambiguous, f"a broken connection is {found!r}")

    @with_webhook
    def test_an_answer_that_does_not_come_leaves_open_what_became_of_the_call(self) -> None:
        found = self._send(Reply(delay=NEVER), SHORT)
        self.check(isinstance(found, Retryable) and found.ambiguous, f"no answer is {found!r}")

    def _message(self) -> Payload:
        return self.build().render(Answer(("Hi",)), Address(self.chat_id, self.user_id))[0]

    def _client(self, url: str) -> Client:
        return self.build(url).client(self.credentials)

    def _calls(self, client: Client) -> list[tuple[str, Callable[[], object]]]:
        calls: list[tuple[str, Callable[[], object]]] = [
            ("send", lambda: client.send(self._message(), TIMEOUT)),
            ("identify", client.identify),
            ("set_webhook", lambda: client.set_webhook(HOOK, "a-new-secret")),
            ("remove_webhook", client.remove_webhook),
            ("webhook_info", client.webhook_info),
        ]
        return [*calls, ("poll", lambda: client.poll(None, 0))] if self.provider.can_poll else calls

    def _send(self, reply: Reply | Callable[[Request], Reply], timeout: float = TIMEOUT) -> object:
        """Send a message to an API that answers like this; return the receipt or the error."""
        with Api(reply) as api:
            found = self._outcome(lambda: self._client(api.url).send(self._message(), timeout))
            self.check(bool(api.requests), "sending a message makes no call")
        return found

    def _outcome(self, call: Callable[[], object]) -> object:
        """Make a call; return what it returns, or the `ProviderError` that it raises. No secret may be seen."""
        with logged() as lines:
            try:
                found = call()
            except ProviderError as error:
                found = error
                self.check_discreet(f"{error} {error!r} {''.join(traceback.format_exception(error))}", "an error")
        self.check_discreet("\n".join(lines), "the log")
        return found

    def _check_odd_answer(self, call: Callable[[], object], name: str, status: int) -> None:
        found = self._outcome(call)
        if status >= SERVER_ERROR:
            self.check(isinstance(found, Retryable), f"{name}: a server's error is {found!r}")
        if name == "send" and not 200 <= status < 300:
            self.check(isinstance(found, ProviderError), f"{name}: {status} is {found!r}")


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.NOTSET)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(logging.Formatter().format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    """Gather whatever is logged meanwhile, down to the last detail."""
    lines: list[str] = []
    root, handler = logging.getLogger(), _Lines(lines)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _repeated(status: int, request: Request) -> Reply:
    """Answer with a page that repeats what was asked, as some gateways do."""
    return Reply(status, repr((request.target, request.headers, request.body)).encode())


def _planted(value: Json, secret: str) -> Json:
    """Return a JSON value with a secret in each of its texts."""
    if isinstance(value, dict):
        return {name: _planted(item, secret) for name, item in value.items()}
    if isinstance(value, list):
        return [_planted(item, secret) for item in value]
    return f"{value} {secret}" if isinstance(value, str) else value
