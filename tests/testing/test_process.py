"""Stand-in servers in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from permabots.testing import Fault, FaultKind, SteeringError, TelegramControl, UserApiControl, running
from tests.testing.helpers import TOKEN, WebhookServer, call, send

pytestmark = pytest.mark.process

TELEGRAM = "permabots.testing.telegram"
USER_API = "permabots.testing.user_api"


def test_telegram_is_steered_from_here():
    with WebhookServer() as webhook, running(TELEGRAM, "--deliver-to", webhook.url) as url:
        telegram = TelegramControl(url)
        telegram.register_bot(TOKEN, username="shop_bot")
        call(url, "setWebhook", url="https://bot.example/hook/", secret_token="s3cret")
        telegram.send_text(TOKEN, 7, "hi")
        telegram.wait_idle()
        assert webhook.texts == ["hi"]
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, count=1))
        assert requests.get(f"{url}/bot{TOKEN}/getMe", timeout=5).status_code == 502
        send(url, "answer", reply_markup={"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]})
        assert [entry.text for entry in telegram.sent()] == ["answer"]
        telegram.press_button(TOKEN, 7, "Go")
        assert webhook.wait_for(2)[1]["callback_query"]["data"] == "go"
        with pytest.raises(SteeringError):
            telegram.press_button(TOKEN, 7, "Stop")


def test_telegram_remembers_over_a_restart(tmp_path: Path):
    state = str(tmp_path / "telegram.json")
    with running(TELEGRAM, "--state", state) as url:
        TelegramControl(url).rename(TOKEN, "shop_bot")
        call(url, "setWebhook", url="https://bot.example/", allowed_updates=["message"])
        send(url, "before", reply_markup={"keyboard": [["Yes"]]})
        waiting = TelegramControl(url).send_text(TOKEN, 7, "unanswered")
        TelegramControl(url).revoke("111:old")
        call(url, "deleteWebhook")
    with running(TELEGRAM, "--state", state) as url:
        telegram = TelegramControl(url)
        assert call(url, "getMe")[1]["result"]["username"] == "shop_bot"
        assert call(url, "getMe", token="111:old")[0] == 401
        assert telegram.webhook(TOKEN)["allowed"] == ["message"]
        assert [m["text"] for m in telegram.history(7)] == ["before", "unanswered"]
        assert call(url, "getUpdates")[1]["result"] == [waiting]
        assert telegram.press_button(TOKEN, 7, "Yes")["update_id"] == waiting["update_id"] + 1


def test_telegram_takes_options():
    with running(TELEGRAM, "--flood-seconds", "9", "--any-reply", "--time-scale", "0") as url:
        assert send(url, chat_id=429429)[1]["parameters"] == {"retry_after": 9}
        assert send(url, reply_to_message_id=5)[0] == 200
        update = TelegramControl(url).press(TOKEN, 7, "x", message_id=1)
        assert call(url, "answerCallbackQuery", callback_query_id=update["callback_query"]["id"])[0] == 400


def test_the_user_api_is_steered_from_here():
    with running(USER_API) as url:
        api = UserApiControl(url)
        api.add_route("/u/list", {"error": "later"}, status=503, times=1)
        assert requests.get(f"{api.base}/list", timeout=5).status_code == 503
        assert requests.get(f"{api.base}/list", timeout=5).status_code == 200
        assert [request.path for request in api.requests] == ["/u/list", "/u/list"]


@pytest.mark.parametrize("module", [TELEGRAM, USER_API])
def test_a_process_ends_when_it_is_told_to(module: str):
    with running(module) as url:
        assert requests.get(f"{url}/", timeout=5).status_code == 404
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_port_that_is_taken_is_told():
    with WebhookServer() as other:
        process = running(USER_API, "--port", str(other.port))
        with pytest.raises(RuntimeError, match="did not start"):
            process.__enter__()


def test_no_django_is_needed():
    code = "import sys, permabots.testing; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
