"""What holds for every messenger's client, over real sockets: a subclass for one messenger has its facts."""

from __future__ import annotations

import logging
import socket
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from permabots.exceptions import ProviderError, Retryable
from permabots.providers.base.contract import Client
from permabots.values import Payload, Receipt
from tests.providers.scripted import Action, ScriptedServer, answer, drip, hang_up, reset

HOOK = "https://example.org/processing/bot/1/"
NOT_ANSWERED: dict[str, bytes | Action] = {
    "closed": hang_up,
    "reset": reset,
    "too slow": drip(answer({"ok": True}), 0.2),
    "truncated": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "rubbish": b"no HTTP at all\r\n\r\n",
}


class ClientTests(ABC):
    """The tests. Facts that are lists give a test for each entry.

    Args:
        message: something to send.
        receipts: answers to it, with the receipts that they are.
        refusals: answers to it that refuse, with what is raised.
        calls: every call that the client can make, but for sending.
        answers: to any of them; most repeat the secrets.
        secrets: what nobody may see.
    """

    message: ClassVar[Payload]
    receipts: ClassVar[list[tuple[bytes, Receipt]]]
    refusals: ClassVar[list[tuple[bytes, type[ProviderError]]]]
    calls: ClassVar[list[Callable[[Client], object]]] = [
        lambda client: client.identify(),
        lambda client: client.set_webhook(HOOK, ""),
        lambda client: client.remove_webhook(),
        lambda client: client.webhook_info(),
    ]
    answers: ClassVar[list[bytes | Action]]
    secrets: ClassVar[tuple[str, ...]]

    @abstractmethod
    def client_of(self, url: str, number: int = 0) -> Client:
        """Return the client of an account whose API is at a URL; 0 is the one with the `secrets`."""

    @pytest.fixture
    def client(self, server: ScriptedServer) -> Client:
        return self.client_of(server.url)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give a test its table: the facts whose names are those of its arguments in the plural."""
        send = [lambda client: client.send(self.message, 5.0)]
        facts: dict[str, list[Any]] = {
            "receipt": self.receipts,
            "refusal": self.refusals,
            "call": [*send, *self.calls],
            "given": self.answers,
        }
        for name, table in facts.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, table)

    def test_an_answer_gives_the_id_of_what_was_sent(
        self, server: ScriptedServer, client: Client, receipt: tuple[bytes, Receipt]
    ) -> None:
        server.script.append(receipt[0])
        assert client.send(self.message, 5.0) == receipt[1]

    def test_a_refusal_is_raised_as_what_it_means(
        self, server: ScriptedServer, client: Client, refusal: tuple[bytes, type[ProviderError]]
    ) -> None:
        content, kind = refusal
        server.script.append(content)
        with pytest.raises(ProviderError) as caught:
            client.send(self.message, 5.0)
        assert type(caught.value) is kind

    @pytest.mark.parametrize("action", NOT_ANSWERED.values(), ids=NOT_ANSWERED.keys())
    def test_a_call_that_left_and_was_not_answered_may_have_been_taken(
        self, server: ScriptedServer, client: Client, action: bytes | Action
    ) -> None:
        server.script.append(action)
        with pytest.raises(Retryable) as caught:
            client.send(self.message, 1.0)
        assert caught.value.ambiguous

    def test_a_refused_connection_was_not_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(Retryable, match="Connection refused") as caught:
            self.client_of(f"http://127.0.0.1:{port}").send(self.message, 5.0)
        assert not caught.value.ambiguous

    def test_calls_of_several_accounts_share_one_connection(self, server: ScriptedServer) -> None:
        server.default = self.receipts[0][0]
        for number in range(10):
            self.client_of(server.url, number).send(self.message, 5.0)
        assert (server.connections, len(server.requests)) == (1, 10)
        assert len({(request.path, request.headers.get("authorization")) for request in server.requests}) == 10

    def test_no_log_and_no_error_shows_a_secret(
        self,
        server: ScriptedServer,
        client: Client,
        caplog: pytest.LogCaptureFixture,
        call: Callable[[Client], object],
        given: bytes | Action,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        server.script.append(given)
        shown = repr(client)
        try:
            call(client)
        except ProviderError as error:
            shown += f"{error} {error!r} {error.__dict__}" + "".join(traceback.format_exception(error))
            assert error.__cause__ is None
            assert error.__context__ is None
        assert len(server.requests) == 1
        for secret in self.secrets:
            assert secret not in shown
            assert secret not in caplog.text
