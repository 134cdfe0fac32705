"""What people do and see in the stand-in Kik, in this process and by the control API."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import requests

from permabots.testing import Fault, FaultKind, KikControl, KikServer, KikSteering, SteeringError, running
from tests.testing.kik.helpers import BOT, CHAT, KEY, PERSON, KikWebhook, call, configure, send, suggested, text

COMMON = {
    "chatId": CHAT,
    "from": PERSON,
    "participants": [PERSON],
    "mention": None,
    "readReceiptRequested": True,
    "chatType": "direct",
}


def what(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message without what all messages have."""
    return {name: value for name, value in message.items() if name not in (*COMMON, "id", "timestamp")}


def test_a_person_writes(steering: KikSteering):
    message = steering.send_text(BOT, CHAT, PERSON, "hello")
    assert {name: message[name] for name in COMMON} == COMMON
    assert what(message) == {"type": "text", "body": "hello", "metadata": None}
    assert (steering.history(CHAT), steering.messages(CHAT)) == ([message], [])


def test_every_message_has_its_own_id_and_a_later_timestamp(steering: KikSteering):
    first, second = (steering.send_text(BOT, CHAT, PERSON, "hi") for _ in range(2))
    assert first["id"] != second["id"]
    assert first["timestamp"] < second["timestamp"]


def test_several_people_write_in_a_group(steering: KikSteering):
    message = steering.send_text(BOT, CHAT, PERSON, "hi", participants=[PERSON, "joe"], mention=BOT)
    assert (message["participants"], message["chatType"], message["mention"]) == ([PERSON, "joe"], "private", BOT)


def test_people_do_what_kik_has(steering: KikSteering):
    pictures = "https://pictures.example/"
    assert what(steering.start_chatting(BOT, CHAT, PERSON)) == {"type": "start-chatting"}
    assert what(steering.scan_data(BOT, CHAT, PERSON, '{"store":1}')) == {"type": "scan-data", "data": '{"store":1}'}
    assert what(steering.send_picture(BOT, CHAT, PERSON, "https://x/1.jpg")) == {
        "type": "picture",
        "picUrl": "https://x/1.jpg",
        "attribution": {"name": "Camera", "iconUrl": f"{pictures}camera.png"},
    }
    assert what(steering.send_video(BOT, CHAT, PERSON, "https://x/1.mp4"))["videoUrl"] == "https://x/1.mp4"
    assert what(steering.send_link(BOT, CHAT, PERSON, "https://x/"))["noForward"] is False
    assert what(steering.send_sticker(BOT, CHAT, PERSON, "https://x/s.png"))["stickerPackId"] == "pack1"


def test_receipts_name_what_was_sent(known: KikServer, steering: KikSteering):
    send(known.url, text("hi", id="5"))
    for receipt in (steering.read(BOT, CHAT, PERSON), steering.receive(BOT, CHAT, PERSON)):
        assert (receipt["messageIds"], receipt["readReceiptRequested"]) == (["5"], False)


# Suggested responses


def test_a_response_writes_its_text(known: KikServer, steering: KikSteering):
    keyboard = suggested("Yes", "No")
    keyboard["responses"][0]["metadata"] = {"payload": "confirm:yes"}
    send(known.url, text("Sure?", keyboards=[keyboard]))
    message = steering.press_button(BOT, CHAT, "Yes")
    assert what(message) == {"type": "text", "body": "Yes", "metadata": {"payload": "confirm:yes"}}
    assert (message["from"], message["chatId"]) == (PERSON, CHAT)


def test_somebody_else_of_the_chat_may_choose(known: KikServer, steering: KikSteering):
    send(known.url, text("Sure?", keyboards=[suggested("Yes")]))
    assert steering.press_button(BOT, CHAT, "Yes", user="joe")["from"] == "joe"


def test_a_picture_is_chosen_by_its_address(known: KikServer, steering: KikSteering):
    response = {"type": "picture", "picUrl": "https://x/1.jpg", "metadata": 5}
    send(known.url, text("Which?", keyboards=[{"type": "suggested", "responses": [response]}]))
    assert what(steering.press_button(BOT, CHAT, "https://x/1.jpg")) == response


def test_responses_of_several_messages_can_be_chosen(known: KikServer, steering: KikSteering):
    send(known.url, text("Which?", keyboards=[suggested("1")]), text("…", keyboards=[suggested("2")]))
    assert steering.press_button(BOT, CHAT, "1")["body"] == "1"


def test_responses_are_gone_when_the_person_has_written(known: KikServer, steering: KikSteering):
    send(known.url, text("Sure?", keyboards=[suggested("Yes")]))
    steering.send_text(BOT, CHAT, PERSON, "hm")
    with pytest.raises(SteeringError, match="chat chat1 shows no response 'Yes'; its responses: none"):
        steering.press_button(BOT, CHAT, "Yes")


def test_a_response_that_is_not_there_cannot_be_chosen(known: KikServer, steering: KikSteering):
    send(known.url, text("Sure?", keyboards=[suggested("Yes")]))
    with pytest.raises(SteeringError, match="shows no response 'No'; its responses: 'Yes'"):
        steering.press_button(BOT, CHAT, "No")


def test_a_list_of_friends_tells_the_bot_nothing(known: KikServer, steering: KikSteering):
    responses = [{"type": "friend-picker", "body": "Whom?"}]
    send(known.url, text("Sure?", keyboards=[{"type": "suggested", "responses": responses}]))
    with pytest.raises(SteeringError, match=r"response 'Whom\?' opens a list of friends"):
        steering.press_button(BOT, CHAT, "Whom?")


# Faults and the journal


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        (Fault(FaultKind.TOO_MANY_REQUESTS, seconds=2.5), 429, "TooManyRequests"),
        (Fault(FaultKind.REFUSE, status=409, description="Conflict"), 409, "BadRequest"),
        (Fault(FaultKind.REFUSE), 400, "BadRequest"),
        (Fault(FaultKind.REVOKE), 401, "Unauthorized"),
    ],
)
def test_a_fault_speaks_as_kik_does(known: KikServer, steering: KikSteering, fault: Fault, status: int, error: str):
    steering.add_fault(fault)
    answered, body = send(known.url, text())
    assert (answered, body["error"]) == (status, error)
    entry = steering.calls()[0]
    assert (entry.status, entry.fault, entry.method) == (status, fault.kind, "message")


def test_a_lost_answer_is_not_a_lost_message(known: KikServer, steering: KikSteering):
    steering.add_fault(Fault(FaultKind.HANG, method="message", chat_id=CHAT, bot=BOT, seconds=0, accept=True, count=1))
    with pytest.raises(requests.ConnectionError):
        send(known.url, text("one"))
    send(known.url, text("two"))
    assert [(entry.text, entry.answered) for entry in steering.sent()] == [("one", False), ("two", True)]


def test_who_does_not_wait_is_noted(known: KikServer, steering: KikSteering):
    steering.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, chat_id=CHAT, seconds=60, enforce=True, count=1))
    assert [send(known.url, text())[0] for _ in range(2)] == [429, 429]
    assert [(violation.bot, violation.chat_id) for violation in steering.violations()] == [(BOT, CHAT)]
    steering.clear_faults()
    assert send(known.url, text())[0] == 200


def test_the_journal_is_the_same_by_either_way(known: KikServer, webhook: KikWebhook):
    send(known.url, text(keyboards=[suggested("Yes")]))
    known.press_button(BOT, CHAT, "Yes")
    known.wait_idle()
    control = KikControl(known.url)
    assert control.sent() == known.sent()
    assert control.calls() == known.calls()
    assert control.deliveries() == known.deliveries()


def test_the_journal_shows_no_key(known: KikServer):
    send(known.url, text())
    assert KEY not in repr(known.calls())
    assert KEY not in repr(known.calls()[0].arguments)


@pytest.mark.parametrize("name", sorted(KikSteering.__abstractmethods__))
def test_both_ways_have_the_same_methods(name: str):
    assert inspect.signature(getattr(KikControl, name)) == inspect.signature(getattr(KikServer, name))


@pytest.mark.process
def test_kik_is_steered_from_here():
    with KikWebhook() as webhook, running("permabots.testing.kik", "--deliver-to", webhook.url) as url:
        kik = KikControl(url)
        configure(url, "https://bot.example/hook/")
        kik.send_text(BOT, CHAT, PERSON, "hi")
        kik.wait_idle()
        assert webhook.texts == ["hi"]
        send(url, text("Sure?", keyboards=[suggested("Yes")]))
        assert [message["body"] for message in kik.wait_for_messages(CHAT, 1)] == ["Sure?"]
        kik.press_button(BOT, CHAT, "Yes")
        kik.wait_idle()
        assert webhook.texts == ["hi", "Yes"]


@pytest.mark.process
def test_kik_takes_options():
    options = ("--anybody", "--time-scale", "0", "--webhook-timeout", "1", "--seed", "7")
    with running("permabots.testing.kik", *options) as url:
        assert send(url, text())[0] == 200
        assert call(url, "GET", "config")[0] == 200
