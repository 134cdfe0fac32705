"""The examples of the documentation run as they stand there, and give what it says they give."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots import tasks
from permabots.engine.http.client import RequestLimits, UserApi
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.patterns import check_pattern
from permabots.models import Bot, InboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import change_handler
from permabots.testing import Reply, TelegramServer, UserApiServer
from permabots.testing.updates import person
from permabots.values import Json
from tests.docs.pages import BLOCKS, ROOT, block, literals, table
from tests.ends import make_answer
from tests.factories import make_bot, make_handler, make_telegram, make_user
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.conftest import user_api as user_api

TOKEN = "123456789:the-secret-from-BotFather"


def drain_all(bot: Bot) -> None:
    """Do what a worker would do."""
    for talk in bot.conversations.all():
        draining.drain(talk.pk, "telegram")


# --- operations ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_may_be_doubled_is_found_by_what_the_page_says() -> None:
    bot = make_telegram().bot
    make_answer(bot, "sent")
    doubled = make_answer(bot, "started", "pending").outbound.get(part=0)
    *imports, query = block("operations", "waiting").splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(imports), names)  # noqa: S102 - our own page
    assert list(eval(query, names)) == [doubled]  # noqa: S307 - the same


# --- handlers ---------------------------------------------------------------------------------------------------------

FAULTS: dict[str, dict[str, Any]] = {
    "the connection broke": {"cut": True},
    "too slow": {"delay": 3},
    "too large": {"answer": "x" * 2000},
    "a circle of redirects": {"answer": lambda _: Reply(302, b"", {"Location": "/u/loop"})},
    "a redirect with an empty ``Location``": {"answer": lambda _: Reply(302, b"", {"Location": ""})},
    "a wrong ``Content-Encoding``": {"answer": lambda _: Reply(200, b"text", {"Content-Encoding": "gzip"})},
    "a redirect that takes data elsewhere": {
        "answer": lambda _: Reply(307, b"", {"Location": "http://other.example/"})
    },
    "not JSON": {"answer": lambda _: Reply(200, b"text")},
    "a server error, with JSON": {"answer": {"error": "boom"}, "status": 500},
}


@pytest.mark.parametrize("row", table("handlers", "request-errors"), ids=lambda row: row[0])
def test_a_failing_request_is_told_as_shown(row: list[str], user_api: UserApiServer) -> None:
    user_api.add_route("/u/loop", **FAULTS.get(row[0], {}))
    address = {"nobody listens": "http://127.0.0.1:1/", "no address": "nonsense"}.get(row[0], f"{user_api.base}/loop")
    hosts = () if row[0] == "a private address" else ("127.0.0.1",)
    answer = UserApi(RequestLimits(1.0, 1000, hosts)).call(PreparedCall("POST", address, body=b"{}"), "key")
    assert (str(answer.status), [answer.error] if answer.error else []) == (row[1], literals(row[2]))


def test_patterns_are_run_as_the_page_says() -> None:
    (example,) = (block.text for block in BLOCKS if "check_pattern(" in block.text)
    told = re.findall(r"check_pattern\(r\"(.+)\"\)\.kind\s+# \"([\w-]+)\"", example)
    assert len(told) == 2
    assert [check_pattern(pattern).kind for pattern, _ in told] == [kind for _, kind in told]


@pytest.mark.django_db(transaction=True)
def test_the_hook_of_the_page_tells_its_recipient(telegram: TelegramServer) -> None:
    bot = make_bot()
    integrations.attach(bot, "telegram", {"token": TOKEN})
    names: dict[str, Any] = {"bot": bot}
    exec(block("handlers", "hook"), names)  # noqa: S102 - our own page
    headers = {"Authorization": f"Token {Token.objects.create(user=bot.owner).key}"}
    address = f"/processing/hook/{names['hook'].key}/"
    answer = Client().post(address, {"number": 5}, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["recipients"]) == (200, 1)
    tasks.fan_out(answer.json()["id"])
    drain_all(bot)
    assert telegram.texts(51234567) == ["New order: 5"]


# --- the tutorial, and the example of a user's test -------------------------------------------------------------------


@pytest.fixture
def tutorial_bot(telegram: TelegramServer) -> Bot:
    """The bot of the tutorial, made and connected by the tutorial's own words."""
    make_user("admin")
    exec(block("tutorial", "tutorial-bot"), {})  # noqa: S102 - our own page
    exec(block("tutorial", "tutorial-attach"), {})  # noqa: S102 - our own page
    return Bot.objects.get(name="Table")


def play(telegram: TelegramServer, bot: Bot, line: str) -> None:
    """Do what one line of the page's conversation says, and wait for nothing: the bot is polled and drained here."""
    ann = person(7, "Ann")
    pressed = re.fullmatch(r"\[(.+)\]", line)
    if pressed:
        telegram.press_button(TOKEN, 7, pressed[1], user=ann)
    else:
        telegram.send_text(TOKEN, 7, line, user=ann)
    call_command("permabots_poll", once=True, timeout=0, remove_webhook=True)
    drain_all(bot)


def shown(sent: dict[str, Any]) -> str:
    rows = sent.get("reply_markup", {}).get("inline_keyboard", [])
    return "  ".join([sent["text"], " ".join(f"[{button['text']}]" for row in rows for button in row)]).strip()


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_tutorial_goes_as_shown(telegram: TelegramServer, tutorial_bot: Bot) -> None:
    lines = block("tutorial", "tutorial-conversation").strip().splitlines()
    said = [line.removeprefix("you: ") for line in lines if line.startswith("you: ")]
    for line in said:
        play(telegram, tutorial_bot, line)
    told = [line.removeprefix("bot: ") for line in lines if line.startswith("bot: ")]
    assert [shown(sent) for sent in telegram.messages(7)] == told
    trace = InboundMessage.objects.get(text="Tomorrow").trace
    assert without_accidents(trace) == without_accidents(json.loads(block("tutorial", "tutorial-trace")))


def without_accidents(trace: dict[str, Any]) -> Json:
    """A trace without ids and times."""
    return json.loads(re.sub(r'"id": "[^"]+"', '"id": ""', json.dumps({**trace, "ms": sorted(trace["ms"])})))


@pytest.mark.timeout(180)
def test_the_examples_of_a_users_tests_pass(tmp_path: Path) -> None:
    for name in ("example", "example-messengers"):
        (tmp_path / f"test_{name.replace('-', '_')}.py").write_text(block("testing", name))
    options = ["--ds=tests.settings_sqlite", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout


@pytest.mark.django_db
def test_the_conversation_test_of_the_page_passes_and_tells_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    bot = make_bot(name="Shop")
    values = {"request": {"url_template": "http://127.0.0.1:9/"}, "target_state": "Looking"}
    keyboard = "[['stock tea']]"
    handler = make_handler(bot, "^stock tea$", "<b>{{ response.data.left }}</b> left", keyboard=keyboard, **values)
    exec(block("testing", "conversation-test"), {"bot": bot})  # noqa: S102 - our own page
    call_command("permabots_test", "Shop")
    assert "1 tests passed." in capsys.readouterr().out
    change_handler(handler, {"response": {"text_template": "None left"}})
    with pytest.raises(CommandError) as failed:
        call_command("permabots_test", "Shop")
    assert failed.value.returncode == 1
    assert "None left" in capsys.readouterr().out


def test_the_queues_of_scaling_get_the_wake_ups_that_they_are_for() -> None:
    names: dict[str, Any] = {}
    exec(block("scaling", "task-routes"), names)  # noqa: S102 - our own page
    (route,) = names["CELERY_TASK_ROUTES"]
    queues = [route(it.name, args, {}, {}) for it, args in ((tasks.drain, [17, "kik"]), (tasks.sweep, []))]
    assert queues == [{"queue": "permabots-kik"}, None]
