"""The demo, as a newcomer runs it: SQLite, a broker made of files, nothing set."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.site import ROOT
from tests.process.serving import Demo, environment, host, processes, serving

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]


def run(state: Path, **values: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo"]
    env = environment(state, **values)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_demo_shows_conversations_on_three_messengers_and_ends_well(tmp_path: Path) -> None:
    done = run(tmp_path / "state")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Order 17: Flat white. Thank you!" in done.stdout
    assert "'name': 'Flat white'" in done.stdout
    assert done.stdout.count("Order 17 is ready in 4 minutes.") == 3
    assert processes(tmp_path / "state") == []


def test_a_port_that_is_taken_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path / "state", SERVE="1", PORT=str(port))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"Something else listens on port {port}: make demo SERVE=1 PORT={port + 1}\n"


# --- left running -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo that goes on, with somebody who has logged in with the printed password."""
    with serving(tmp_path_factory.mktemp("demo") / "state") as demo:
        demo.log_in()
        yield demo


def test_every_link_that_is_printed_opens(demo: Demo) -> None:
    for url in demo.links:
        assert 'id="login-form"' not in demo.read(url), url
    names = ("The bot", "Talk to it", "Conversations", "State diagram", "Tests", "The API", "Health")
    assert {demo.link(name) for name in (*names, "Telegram", "Kik", "Messenger", "The shop's API")} == set(demo.links)


def test_the_pages_have_their_style_and_script(demo: Demo) -> None:
    found = demo.assets(demo.link("The bot")) | demo.assets(demo.link("Talk to it"))
    assert {"/static/permabots/playground.js", "/static/permabots/playground.css"} <= set(found)
    assert {"/static/permabots/admin.css", "/static/admin/css/base.css"} <= set(found)
    kinds = {".js": "text/javascript", ".css": "text/css"}
    assert found == {path: kinds[Path(path).suffix] for path in found}


def test_the_bot_answers_in_the_playground_by_the_shops_api(demo: Demo) -> None:
    found = demo.say("/start")
    assert found["state"] == "Choosing"
    assert "welcome to The Corner" in found["html"]
    assert "Tea &amp; biscuits · 4.10 €" in found["html"]


def test_the_pages_show_what_was_said_and_what_is_tested(demo: Demo) -> None:
    conversations, tests = demo.read(demo.link("Conversations")), demo.read(demo.link("Tests"))
    assert all(f"{slug} " in conversations for slug in ("telegram", "kik", "messenger"))
    assert all(name in tests for name in ("an order", "not on the menu"))


def test_its_tests_pass(demo: Demo) -> None:
    environ = environment(demo.state, DJANGO_SETTINGS_MODULE="demo.settings")
    command = [sys.executable, "-m", "demo.manage", "permabots_test"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "2 tests passed.", done.stdout + done.stderr


def test_ann_writes_by_the_command_that_is_printed_and_her_stand_in_shows_the_answer(demo: Demo) -> None:
    (line,) = [line for line in demo.printed.splitlines() if "send_text" in line and '"psid"' in line]
    program, option, body, url = shlex.split(line)
    assert (program, option, host(url)) == ("curl", "-d", host(demo.link("Messenger")))
    assert "I did not understand" not in demo.read(demo.link("Messenger"))
    assert demo.http.post(url, body, timeout=30).status_code == 200
    wanted = {"chat_id": "9912345", "count": 5, "timeout": 30}  # three answers and the hook's were there before
    demo.http.post(url.replace("send_text", "wait_for_messages"), json=wanted, timeout=60)
    assert "I did not understand" in demo.read(demo.link("Messenger"))


def test_ctrl_c_ends_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o700)
    with serving(tmp_path / "state", OPEN="1", BROWSER=f"{browser} %s") as demo:
        assert len(processes(demo.state)) >= 3
        rest = demo.interrupt()
        assert (demo.process.returncode, rest) == (0, "\nEnded.\n")
        assert processes(demo.state) == []
        assert opened.read_text().strip() == demo.link("The bot")
