"""Calls to the stand-in Bot API that go wrong as ordered."""

from __future__ import annotations

import time

import pytest
import requests

from permabots.testing import Fault, FaultKind, TelegramServer
from tests.testing.helpers import TOKEN, call, send


def raw(telegram: TelegramServer, **arguments: object) -> requests.Response:
    sent = {"chat_id": 7, "text": "hi", **arguments}
    return requests.post(f"{telegram.url}/bot{TOKEN}/sendMessage", json=sent, timeout=5)


def test_too_many_requests_says_how_long_to_wait_twice(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=7, count=1))
    answer = raw(telegram)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["parameters"] == {"retry_after": 7}
    assert raw(telegram).status_code == 200


def test_an_enforced_wait_is_watched_in_its_chat_only(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=60, enforce=True, count=1))
    send(telegram.url)
    status, body = send(telegram.url)
    assert (status, body["error_code"]) == (429, 429)
    assert 0 < body["parameters"]["retry_after"] <= 60
    assert send(telegram.url, chat_id=8)[0] == 200
    assert [(v.bot, v.chat_id, v.rule.endswith(" s too early")) for v in telegram.violations()] == [(111, 7, True)]
    assert [s.chat_id for s in telegram.sent()] == [8]


def test_an_enforced_wait_ends(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=0.05, enforce=True, count=1))
    send(telegram.url)
    time.sleep(0.1)
    assert send(telegram.url)[0] == 200
    assert telegram.violations() == []


def test_clearing_faults_ends_enforced_waits(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=60, enforce=True))
    send(telegram.url)
    telegram.clear_faults()
    assert send(telegram.url)[0] == 200


@pytest.mark.parametrize(("status", "expected"), [(0, 502), (503, 503)])
def test_a_gateway_answers_with_a_page(telegram: TelegramServer, status: int, expected: int):
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, status=status))
    answer = raw(telegram)
    assert (answer.status_code, answer.headers["Content-Type"]) == (expected, "text/html")
    assert telegram.sent() == []


def test_telegram_refuses_in_given_words(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.REFUSE, chat_id=7, description="Bad Request: chat not found"))
    expected = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    assert send(telegram.url) == (400, expected)
    assert send(telegram.url, chat_id=8)[0] == 200


@pytest.mark.parametrize("kind", [FaultKind.CLOSE, FaultKind.HANG])
@pytest.mark.parametrize("accept", [False, True])
def test_an_answer_gets_lost_before_or_after_the_message_is_accepted(
    telegram: TelegramServer, kind: FaultKind, accept: bool
):
    telegram.add_fault(Fault(kind, method="sendMessage", accept=accept, seconds=0.01, count=1))
    with pytest.raises(requests.ConnectionError):
        raw(telegram)
    assert [(s.text, s.answered) for s in telegram.sent()] == ([("hi", False)] if accept else [])
    assert [(c.status, c.fault) for c in telegram.calls()] == [(0, kind.value)]
    assert telegram.texts(7) == (["hi"] if accept else [])


def test_a_gateway_may_lose_the_answer_to_an_accepted_message(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, accept=True))
    assert raw(telegram).status_code == 502
    assert [s.answered for s in telegram.sent()] == [False]


def test_a_slow_answer_is_the_right_one(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.SLOW, seconds=0.01))
    assert send(telegram.url)[1]["result"]["text"] == "hi"
    assert [s.answered for s in telegram.sent()] == [True]


def test_an_answer_may_be_no_json(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.NOT_JSON))
    answer = raw(telegram)
    assert (answer.status_code, answer.text) == (200, "OK")


def test_a_group_moves_for_good(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.MIGRATED, chat_id=-5, migrate_to_chat_id=-1000000000005, count=1))
    for _ in range(2):
        status, body = send(telegram.url, chat_id=-5)
        assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": -1000000000005})
    assert send(telegram.url, chat_id=-1000000000005)[0] == 200


def test_a_token_is_revoked_for_good(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.REVOKE, method="sendMessage", count=1))
    assert send(telegram.url)[0] == 401
    assert call(telegram.url, "getMe")[0] == 401


def test_a_fault_is_for_one_method_bot_and_chat(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendmessage", bot=222, chat_id=7))
    assert send(telegram.url)[0] == 200
    assert call(telegram.url, "getMe", token="222:bbb")[0] == 200
    assert send(telegram.url, token="222:bbb", chat_id=8)[0] == 200
    answer = requests.post(f"{telegram.url}/bot222:bbb/sendMessage", json={"chat_id": 7, "text": "x"}, timeout=5)
    assert answer.status_code == 502


def test_a_fault_lets_calls_pass_first_and_is_used_up(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, after=1, count=2))
    assert [raw(telegram).status_code for _ in range(5)] == [200, 502, 502, 200, 200]


def test_a_fault_hits_by_chance_the_same_with_the_same_seed():
    def statuses(seed: int) -> list[int]:
        with TelegramServer(seed=seed) as telegram:
            telegram.add_fault(Fault(FaultKind.SERVER_ERROR, probability=0.5))
            return [raw(telegram).status_code for _ in range(20)]

    first = statuses(1)
    assert set(first) == {200, 502}
    assert statuses(1) == first


def test_of_two_faults_the_first_counts_until_it_is_used_up(telegram: TelegramServer):
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, status=503, count=1))
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, status=504, count=1))
    assert [raw(telegram).status_code for _ in range(3)] == [503, 504, 200]
