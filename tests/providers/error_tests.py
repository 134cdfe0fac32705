"""What holds for every messenger's refusals: a subclass for one messenger has its table."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import pytest

from permabots.exceptions import ProviderError, Retryable
from permabots.providers.base.http import HttpAnswer
from permabots.values import Json

Waits = tuple[int, Json, Mapping[str, str], float | None]


def http_answer(status: int, body: Json | bytes, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """Return an answer; a body that is not bytes is sent as JSON."""
    return HttpAnswer(status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers or {})


class ErrorTests(ABC):
    """The tests. Each fact is a list, and gives a test for each entry.

    Args:
        accepted: bodies of 200 that refuse nothing.
        meanings: status and body of a refusal, what it is, and its code.
        retried: status and body of a refusal that is tried again, and of a call that was surely not taken.
        foreign: status and body of an answer that is not the API's own, and whether the call may have been taken.
        foreign_words: how what is said of those begins, with ``{}`` for the status.
        words: status and body of a refusal, and what is said of it: its own words without secrets, cut.
        waits: status, body and headers, and for how many seconds they ask to wait.
    """

    accepted: ClassVar[list[bytes]]
    meanings: ClassVar[list[tuple[int, Json, type[ProviderError], int]]]
    retried: ClassVar[list[tuple[int, Json]]]
    foreign: ClassVar[list[tuple[int, bytes, bool]]]
    foreign_words: ClassVar[str]
    words: ClassVar[list[tuple[int, Json, str]]]
    waits: ClassVar[list[Waits]]

    @abstractmethod
    def refusal(self, answer: HttpAnswer) -> ProviderError | None:
        """Return what the provider makes of an answer."""

    def error_of(self, status: int, body: Json | bytes, headers: Mapping[str, str] | None = None) -> ProviderError:
        """Return what the provider makes of an answer that refuses."""
        error = self.refusal(http_answer(status, body, headers))
        assert error is not None
        return error

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give a test its table."""
        facts = {
            "body_accepted": self.accepted,
            "meaning": self.meanings,
            "later": self.retried,
            "foreigner": self.foreign,
            "wording": self.words,
            "wait": self.waits,
        }
        for name, table in facts.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, table)

    def test_an_accepted_call_is_no_error(self, body_accepted: bytes) -> None:
        assert self.refusal(http_answer(200, body_accepted)) is None

    def test_a_refusal_says_what_to_do(self, meaning: tuple[int, Json, type[ProviderError], int]) -> None:
        status, body, kind, code = meaning
        error = self.error_of(status, body)
        assert (type(error), error.code) == (kind, code)

    def test_what_the_messenger_could_not_do_now_is_tried_again(self, later: tuple[int, Json]) -> None:
        error = self.error_of(*later)
        assert isinstance(error, Retryable)
        assert (error.code, error.retry_after, error.ambiguous) == (later[0], None, False)

    def test_an_answer_that_is_not_the_apis_is_tried_again(self, foreigner: tuple[int, bytes, bool]) -> None:
        status, body, ambiguous = foreigner
        error = self.error_of(status, body)
        assert isinstance(error, Retryable)
        assert error.message.startswith(self.foreign_words.format(status))
        assert error.ambiguous is ambiguous

    def test_the_messengers_own_words_are_told_cut_and_without_secrets(self, wording: tuple[int, Json, str]) -> None:
        status, body, message = wording
        assert self.error_of(status, body).message == message

    def test_a_wait_that_is_asked_for_is_kept(self, wait: Waits) -> None:
        status, body, headers, seconds = wait
        error = self.error_of(status, body, headers)
        assert isinstance(error, Retryable)
        assert (error.retry_after, error.ambiguous) == (seconds, False)
