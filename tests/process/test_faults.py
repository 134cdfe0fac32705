"""The promises under faults: killed workers, an emptied broker, too many requests, a stopped database."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter

import psutil
import pytest
import requests
from django.db import connection

from demo.site import Running
from permabots.models import InboundMessage, OutboundMessage
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.process.conftest import TOKEN, Road, echo_bot
from tests.servers import Postgres, Redis

pytestmark = [pytest.mark.process, pytest.mark.timeout(240)]

CHATS = (7, 8, 9)
PER_CHAT = 25


def send_all(road: Road, per_chat: int = PER_CHAT) -> None:
    """Have people in `CHATS` write ``echo 0``, ``echo 1``, … in turn."""
    for number in range(per_chat):
        for chat in CHATS:
            road.telegram.send_text(TOKEN, chat, f"echo {number}")


def wait_until_answered(road: Road, per_chat: int = PER_CHAT, seconds: float = 120) -> None:
    """Wait until everything that came in is finished, and what goes out too."""
    end = time.monotonic() + seconds
    wanted = per_chat * len(CHATS)
    while time.monotonic() < end:
        stored = InboundMessage.objects.count()
        if stored == wanted and road.unfinished() == (0, 0):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{stored} of {wanted} stored, unfinished: {road.unfinished()}")


def wait_until_received(road: Road, count: int, seconds: float = 60) -> None:
    """Wait until so many answers went out: what happens next happens in the middle of the work, however fast it is."""
    end = time.monotonic() + seconds
    while len(road.telegram.sent()) < count:
        assert time.monotonic() < end, f"{len(road.telegram.sent())} of {count} answers went out"
        time.sleep(0.02)


def received(telegram: TelegramServer, chat: int) -> list[int]:
    """Return the numbers that a chat received, doubles included, in order."""
    return [int(text) for text in telegram.texts(chat)]


def without_doubles(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


def test_each_chats_answers_come_in_order_with_two_workers(road: Road) -> None:
    echo_bot(road)
    road.site.start_web()
    for name in ("one", "two"):
        road.site.start_worker(name, concurrency=2)
    road.connect()
    send_all(road)
    wait_until_answered(road)
    for chat in CHATS:
        assert received(road.telegram, chat) == list(range(PER_CHAT))
    assert InboundMessage.objects.filter(attempts=1).count() == PER_CHAT * len(CHATS)


def test_killed_workers_lose_nothing_and_double_only_what_was_on_its_way(road: Road) -> None:
    """SIGKILL again and again in the middle of the work: children and a worker, replaced as a supervisor would."""
    echo_bot(road, request={"url_template": f"{road.user_api.base}/list"})
    road.site.start_web()
    workers = [road.site.start_worker(name, concurrency=2) for name in ("one", "two")]
    road.connect()
    kills: list[float] = []
    sender = threading.Thread(target=send_all, args=(road,))
    sender.start()
    seeded = random.Random(1)
    for round_number in range(5):
        wait_until_received(road, 6 + 12 * round_number)
        if round_number == 2:
            place = seeded.randrange(len(workers))
            children = psutil.Process(workers[place].process.pid).children()
            workers[place].kill()
            psutil.wait_procs(children, 10)
            kills += [time.monotonic()] * len(children)
            workers[place] = road.site.start_worker(f"again{round_number}", concurrency=2)
        else:
            kill_child(seeded.choice(workers), seeded, kills)
    sender.join()
    wait_until_answered(road)
    doubles = 0
    for chat in CHATS:
        numbers = received(road.telegram, chat)
        assert without_doubles(numbers) == list(range(PER_CHAT)), "lost or out of order"
        doubles += len(numbers) - PER_CHAT
    assert doubles <= len(kills), "more than one double for a killed process"
    assert_doubles_were_on_their_way_at_a_kill(road, kills)
    assert not InboundMessage.objects.filter(status="parked").exists()


def kill_child(worker: Running, seeded: random.Random, kills: list[float]) -> None:
    """Kill one of a worker's children, as an operating system out of memory does."""
    children = psutil.Process(worker.process.pid).children()
    if children:
        child = seeded.choice(children)
        child.kill()
        psutil.wait_procs([child], 10)
        kills.append(time.monotonic())


# What a killed process has written into its socket is read, and accepted, once the stand-in's turn comes.
READ_SECONDS = 3


def assert_doubles_were_on_their_way_at_a_kill(road: Road, kills: list[float]) -> None:
    """Each double belongs to a row that was claimed twice; some kill comes after its first copy, before its second."""
    first: dict[tuple[int, str], float] = {}
    for sent in road.telegram.sent():
        key = (sent.chat_id, sent.text)
        if key in first:
            caused = any(first[key] - READ_SECONDS <= kill <= sent.monotonic for kill in kills)
            assert caused, f"{key} was doubled without a kill"
            row = OutboundMessage.objects.get(conversation__chat_id=str(sent.chat_id), payload__body__text=sent.text)
            assert row.attempts > 1
        first.setdefault(key, sent.monotonic)


def test_an_emptied_broker_loses_nothing(road: Road, redis: Redis) -> None:
    echo_bot(road, request={"url_template": f"{road.user_api.base}/list"})
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    road.connect()
    sender = threading.Thread(target=send_all, args=(road,))
    sender.start()
    for round_number in range(5):
        wait_until_received(road, 6 + 12 * round_number)
        redis.flush()
    sender.join()
    redis.flush()
    wait_until_answered(road)
    for chat in CHATS:
        assert received(road.telegram, chat) == list(range(PER_CHAT))


def test_too_many_requests_are_waited_out_and_nothing_is_lost(road: Road) -> None:
    echo_bot(road)
    road.telegram.add_fault(
        Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", probability=0.1, seconds=1, enforce=True)
    )
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    road.connect()
    send_all(road, 30)
    wait_until_answered(road, 30)
    for chat in CHATS:
        assert received(road.telegram, chat) == list(range(30))
    refused = [call for call in road.telegram.calls() if call.status == 429]
    assert refused, "the fault never hit"
    assert road.telegram.violations() == []


def test_a_stopped_database_is_503_and_loses_nothing(road: Road, postgres: Postgres) -> None:
    echo_bot(road)
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    road.connect()
    send_all(road, 10)
    wait_until_answered(road, 10)
    connection.close()
    postgres.stop()
    try:
        road.telegram.send_text(TOKEN, 7, "echo 10")
        answer = requests.post(
            road.telegram.webhook(TOKEN)["url"],
            json={"update_id": 999_999},
            headers={"X-Telegram-Bot-Api-Secret-Token": road.telegram.webhook(TOKEN)["secret"]},
            timeout=20,
        )
        assert answer.status_code == 503
        for number in range(11, 20):
            road.telegram.send_text(TOKEN, 7, f"echo {number}")
        time.sleep(1)
        statuses = Counter(delivery.status for delivery in road.telegram.deliveries() if delivery.status != 200)
        assert set(statuses) == {503}
    finally:
        postgres.start()
    road.telegram.wait_for_messages(7, 20, 60)
    assert received(road.telegram, 7) == list(range(20))


def test_a_worker_that_is_asked_to_end_finishes_the_turn_in_hand(road: Road) -> None:
    road.user_api.add_route("/u/slow", {"ok": True}, delay=1.5)
    echo_bot(road, request={"url_template": f"{road.user_api.base}/slow"})
    road.site.start_web()
    worker = road.site.start_worker()
    road.connect()
    road.telegram.send_text(TOKEN, 7, "echo 1")
    end = time.monotonic() + 10
    while not road.user_api.requests and time.monotonic() < end:
        time.sleep(0.02)
    worker.signal(signal.SIGTERM)
    worker.process.wait(20)
    assert received(road.telegram, 7) == [1]
    assert InboundMessage.objects.get().attempts == 1
