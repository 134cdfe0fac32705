"""The stand-in Messenger in a process of its own."""

from __future__ import annotations

import pytest

from permabots.testing import MessengerControl, SteeringError, running
from tests.testing.messenger.helpers import PSID, TOKEN, CallbackServer, button_template, postback, send, subscribe

pytestmark = pytest.mark.process


def test_messenger_is_steered_from_here():
    with CallbackServer() as callback, running("permabots.testing.messenger", "--deliver-to", callback.url) as url:
        messenger = MessengerControl(url)
        with pytest.raises(SteeringError, match="could not be validated"):
            messenger.set_callback("https://bot.example/hook/", "wrong")
        messenger.set_callback("https://bot.example/hook/", "verify me")
        subscribe(url, fields="messages,messaging_postbacks")
        messenger.send_text(TOKEN, PSID, "hi")
        messenger.wait_idle()
        assert callback.texts == ["hi"]
        send(url, button_template(postback("Go", "go")))
        assert messenger.texts(PSID) == ["Which?"]
        messenger.press_button(TOKEN, PSID, "Go")
        messenger.wait_idle()
        assert callback.events[1]["postback"]["payload"] == "go"


def test_messenger_takes_options():
    options = ("--anybody", "--time-scale", "0", "--webhook-timeout", "1", "--seed", "7")
    with running("permabots.testing.messenger", *options) as url:
        assert send(url, {"text": "hi"}, psid="psid")[0] == 200
