"""What people do and see in the stand-in Messenger, in this process and by the control API."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import pytest
import requests

from permabots.testing import Fault, FaultKind, MessengerControl, MessengerServer, MessengerSteering, SteeringError
from tests.testing.messenger.helpers import (
    PSID,
    TOKEN,
    CallbackServer,
    button_template,
    call,
    generic_template,
    postback,
    refusal,
    send,
)

RED = {"content_type": "text", "title": "Red", "payload": "COLOR:RED"}
LINK = {"type": "web_url", "title": "Open", "url": "https://shop.example/"}


def what(event: dict[str, Any], key: str) -> dict[str, Any]:
    """Return what happened, without its mid."""
    return {name: value for name, value in event[key].items() if name != "mid"}


# What people do


def test_a_person_writes(steering: MessengerSteering):
    event = steering.send_text(TOKEN, PSID, "hello", mid="m_1")
    assert event["message"] == {"mid": "m_1", "text": "hello"}
    assert steering.history(PSID) == [event]
    assert steering.messages(PSID) == []


def test_every_message_has_its_own_mid(steering: MessengerSteering):
    first, second = (steering.send_text(TOKEN, PSID, "hi") for _ in range(2))
    assert first["message"]["mid"] != second["message"]["mid"]


def test_a_person_sends_a_picture(steering: MessengerSteering):
    event = steering.send_attachment(TOKEN, PSID, "image", "https://cdn.example/a.jpg")
    attachments = [{"type": "image", "payload": {"url": "https://cdn.example/a.jpg"}}]
    assert what(event, "message") == {"attachments": attachments}


def test_a_person_gets_started(steering: MessengerSteering):
    assert what(steering.get_started(TOKEN, PSID), "postback") == {"title": "Get Started", "payload": "GET_STARTED"}
    event = steering.get_started(TOKEN, PSID, "BEGIN", ref="promo_42")
    referral = {"ref": "promo_42", "source": "SHORTLINK", "type": "OPEN_THREAD"}
    assert what(event, "postback") == {"title": "Get Started", "payload": "BEGIN", "referral": referral}


def test_a_person_follows_a_link(steering: MessengerSteering):
    event = steering.follow_link(TOKEN, PSID, "sale")
    assert event["referral"] == {"ref": "sale", "source": "SHORTLINK", "type": "OPEN_THREAD"}


def test_anything_can_happen(steering: MessengerSteering):
    event = steering.happen(TOKEN, PSID, {"reaction": {"action": "react"}, "timestamp": 5})
    assert (event["reaction"], event["timestamp"], event["sender"]) == ({"action": "react"}, 5, {"id": PSID})


def test_receipts_name_what_was_sent(messenger: MessengerServer, steering: MessengerSteering):
    assert steering.read(TOKEN, PSID)["read"] == {"watermark": 0}
    steering.send_text(TOKEN, PSID, "hello")
    mid = send(messenger.url, {"text": "hi"})[1]["message_id"]
    watermark = steering.messages(PSID)[0]["timestamp"]
    assert steering.receive(TOKEN, PSID)["delivery"] == {"mids": [mid], "watermark": watermark}
    assert steering.read(TOKEN, PSID)["read"] == {"watermark": watermark}


def test_the_staff_of_a_page_writes(steering: MessengerSteering):
    event = steering.echo(TOKEN, PSID, "we are closed")
    assert what(event, "message") == {"text": "we are closed", "is_echo": True}
    assert event["recipient"] == {"id": PSID}
    assert [entry["message"]["text"] for entry in steering.history(PSID)] == ["we are closed"]
    assert steering.texts(PSID) == []


# Buttons


@pytest.mark.parametrize(
    "message",
    [
        button_template(postback("Small", "size:s"), postback("Large", "size:l")),
        generic_template(
            {"title": "Shirt", "buttons": [postback("Small", "size:s")]},
            {"title": "Hat", "buttons": [postback("Large", "size:l")]},
        ),
    ],
)
def test_a_button_is_pressed_by_its_title(known: MessengerServer, steering: MessengerSteering, message: Any):
    send(known.url, message)
    send(known.url, {"text": "no buttons here"})
    assert what(steering.press_button(TOKEN, PSID, "Large"), "postback") == {"title": "Large", "payload": "size:l"}


def test_a_button_shows_the_beginning_of_a_long_title(known: MessengerServer, steering: MessengerSteering):
    send(known.url, button_template(postback("x" * 30)))
    for title in ("x" * 20, "x" * 30):
        assert steering.press_button(TOKEN, PSID, title)["postback"]["title"] == "x" * 20


def test_the_newest_of_two_buttons_is_pressed(known: MessengerServer, steering: MessengerSteering):
    for payload in ("old", "new"):
        send(known.url, button_template(postback("Go", payload), text=payload))
    assert steering.press_button(TOKEN, PSID, "Go")["postback"]["payload"] == "new"


def test_a_quick_reply_writes_its_title(known: MessengerServer, steering: MessengerSteering):
    send(known.url, {"text": "Which?", "quick_replies": [RED]})
    event = steering.press_button(TOKEN, PSID, "Red")
    assert what(event, "message") == {"text": "Red", "quick_reply": {"payload": "COLOR:RED"}}


def test_quick_replies_are_gone_when_something_was_written(known: MessengerServer, steering: MessengerSteering):
    send(known.url, {"text": "Which?", "quick_replies": [RED]})
    steering.send_text(TOKEN, PSID, "hm")
    with pytest.raises(SteeringError, match="sees no button 'Red'; the buttons: none"):
        steering.press_button(TOKEN, PSID, "Red")


def test_a_button_that_is_not_there_cannot_be_pressed(known: MessengerServer, steering: MessengerSteering):
    send(known.url, button_template(postback("Small")))
    with pytest.raises(SteeringError, match=f"person {PSID} sees no button 'Large'; the buttons: 'Small'"):
        steering.press_button(TOKEN, PSID, "Large")


def test_a_link_tells_the_page_nothing(known: MessengerServer, steering: MessengerSteering):
    send(known.url, button_template(LINK))
    with pytest.raises(SteeringError, match=r"button 'Open' opens https://shop\.example/"):
        steering.press_button(TOKEN, PSID, "Open")


# What people see


def test_two_pages_are_told_apart(messenger: MessengerServer, steering: MessengerSteering):
    for token in (TOKEN, "second"):
        steering.send_text(token, PSID, "hello")
        send(messenger.url, {"text": f"from {token}"}, token=token)
    assert steering.texts(PSID) == [f"from {TOKEN}", "from second"]
    assert steering.texts(PSID, bot="second") == ["from second"]
    assert steering.texts(PSID, bot=str(steering.page("second")["id"])) == ["from second"]
    assert [len(steering.history(PSID, bot=token)) for token in ("", TOKEN)] == [4, 2]


def test_messages_are_waited_for(known: MessengerServer, steering: MessengerSteering):
    threads = [threading.Thread(target=send, args=(known.url, {"text": text})) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    there = steering.wait_for_messages(PSID, 2)
    assert sorted(entry["message"]["text"] for entry in there) == ["one", "two"]
    steering.wait_for_sent(2)
    for thread in threads:
        thread.join()


def test_waiting_in_vain_is_a_timeout(known: MessengerServer, steering: MessengerSteering, callback: CallbackServer):
    send(known.url, {"text": "hi"})
    steering.wait_idle()
    with pytest.raises(TimeoutError, match=rf"1 of 2 messages in chat {PSID} after 0\.01 s"):
        steering.wait_for_messages(PSID, 2, timeout=0.01)
    with pytest.raises(TimeoutError, match=r"1 of 2 messages sent after 0\.01 s"):
        steering.wait_for_sent(2, timeout=0.01)
    with pytest.raises(TimeoutError, match=r"1 of 9 deliveries after 0\.01 s"):
        steering.wait_for_deliveries(9, timeout=0.01)
    callback.hold.clear()
    steering.send_text(TOKEN, PSID, "hi")
    with pytest.raises(TimeoutError, match=r"1 updates not delivered after 0\.01 s"):
        steering.wait_idle(timeout=0.01)


# Faults and the journal


def test_messages_are_accepted_or_not_as_a_fault_says(known: MessengerServer, steering: MessengerSteering):
    steering.add_fault(Fault(FaultKind.CLOSE, method="messages", accept=True, count=1))
    steering.add_fault(Fault(FaultKind.CLOSE, method="messages", count=1))
    for text in ("taken", "lost"):
        with pytest.raises(requests.ConnectionError):
            send(known.url, {"text": text})
    send(known.url, {"text": "fine"})
    assert [(entry.text, entry.answered) for entry in steering.sent()] == [("taken", False), ("fine", True)]
    assert [(entry.status, entry.fault) for entry in steering.calls()] == [(0, "close"), (0, "close"), (200, "")]


@pytest.mark.parametrize(
    ("fault", "status", "expected"),
    [
        (Fault(FaultKind.TOO_MANY_REQUESTS), 403, (613, "(#613) Calls to this api have exceeded the rate limit.")),
        (Fault(FaultKind.TOO_MANY_REQUESTS, code=4), 403, (4, "(#4) Application request limit reached")),
        (Fault(FaultKind.REFUSE, code=2, description="Service down", status=500), 500, (2, "Service down")),
        (Fault(FaultKind.REFUSE), 400, (100, "(#100) Invalid parameter")),
        (Fault(FaultKind.REVOKE), 400, (190, "Error validating access token: Session has expired.")),
    ],
)
def test_a_fault_speaks_as_facebook_does(known: MessengerServer, fault: Fault, status: int, expected: tuple[int, str]):
    known.add_fault(fault)
    answered, body = send(known.url, {"text": "hi"})
    assert (answered, (body["error"]["code"], body["error"]["message"])) == (status, expected)
    assert known.sent() == []


def test_a_refusal_can_have_a_subcode(known: MessengerServer):
    known.add_fault(Fault(FaultKind.REFUSE, code=200, subcode=1545041, description="x"))
    assert refusal(known.url, {"text": "hi"})["error_subcode"] == 1545041


def test_a_revoked_token_stays_so(known: MessengerServer):
    known.add_fault(Fault(FaultKind.REVOKE, count=1))
    assert [send(known.url, {"text": "hi"})[0] for _ in range(2)] == [400, 400]
    known.restore(TOKEN)
    assert send(known.url, {"text": "hi"})[0] == 200


def test_an_estimate_of_the_wait_is_in_a_header(known: MessengerServer):
    known.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=120))
    answer = requests.get(f"{known.url}/me?access_token={TOKEN}", timeout=5)
    assert '"estimated_time_to_regain_access": 2' in answer.headers["X-Business-Use-Case-Usage"]


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault(FaultKind.SERVER_ERROR), 502, "502 Bad Gateway"),
        (Fault(FaultKind.SERVER_ERROR, status=503), 503, "Bad Gateway"),
        (Fault(FaultKind.NOT_JSON), 200, "OK"),
        (Fault(FaultKind.SLOW, seconds=0.01), 200, "name"),
    ],
)
def test_a_gateway_may_answer_instead(known: MessengerServer, fault: Fault, status: int, body: str):
    known.add_fault(fault)
    answer = requests.get(f"{known.url}/me?access_token={TOKEN}", timeout=5)
    assert answer.status_code == status
    assert body in answer.text


def test_a_call_may_hang(known: MessengerServer):
    known.add_fault(Fault(FaultKind.HANG, seconds=30))
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{known.url}/me?access_token={TOKEN}", timeout=0.1)


def test_a_fault_is_for_one_person_or_page(messenger: MessengerServer):
    for psid in ("1", "2"):
        for token in (TOKEN, "second"):
            messenger.send_text(token, psid, "hello")
    messenger.add_fault(Fault(FaultKind.REFUSE, chat_id="1", bot=str(messenger.page(TOKEN)["id"])))
    answers = [send(messenger.url, {"text": "hi"}, p, t)[0] for p in ("1", "2") for t in (TOKEN, "second")]
    assert answers == [400, 200, 200, 200]


def test_who_does_not_wait_is_noted(known: MessengerServer, steering: MessengerSteering):
    steering.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, chat_id=PSID, seconds=60, enforce=True, count=1))
    assert [send(known.url, {"text": "hi"})[0] for _ in range(2)] == [403, 403]
    assert [(v.chat_id, v.rule.endswith("s too early")) for v in steering.violations()] == [(PSID, True)]
    steering.clear_faults()
    assert send(known.url, {"text": "hi"})[0] == 200


def test_nobody_moves(steering: MessengerSteering):
    with pytest.raises(SteeringError, match="no chat moves here"):
        steering.add_fault(Fault(FaultKind.MIGRATED))


def test_the_journal_is_read_from_a_place_on_and_cleared(
    known: MessengerServer, steering: MessengerSteering, callback: CallbackServer
):
    steering.clear_journal()
    for text in ("one", "two"):
        send(known.url, {"text": text})
    steering.wait_idle()
    assert [entry.text for entry in steering.sent(1)] == ["two"]
    assert [(entry.method, entry.chat_id) for entry in steering.calls(1)] == [("messages", PSID)]
    assert len(steering.deliveries(1)) == 1
    steering.clear_journal()
    assert (steering.sent(), steering.calls(), steering.deliveries(), steering.violations()) == ([], [], [], [])
    assert steering.texts(PSID) == ["one", "two"]


def test_the_journal_is_the_same_by_either_way(known: MessengerServer, callback: CallbackServer):
    send(known.url, button_template(postback("t" * 21)))
    call(known.url, "GET", "me", "REJECT")
    known.wait_idle()
    control = MessengerControl(known.url)
    assert control.sent() == known.sent()
    assert control.calls() == known.calls()
    assert control.deliveries() == known.deliveries()
    assert control.violations() == known.violations()


def test_the_journal_shows_no_token(known: MessengerServer):
    call(known.url, "GET", f"me?access_token={TOKEN}&appsecret_proof=p", "")
    assert known.calls()[0].arguments == {}
    assert TOKEN not in repr(known.calls())


@pytest.mark.parametrize("name", sorted(MessengerSteering.__abstractmethods__))
def test_both_ways_have_the_same_methods(name: str):
    assert inspect.signature(getattr(MessengerControl, name)) == inspect.signature(getattr(MessengerServer, name))
