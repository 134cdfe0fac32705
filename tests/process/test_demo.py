"""The demo, as a newcomer runs it: SQLite, a broker made of files, nothing set."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.__main__ import folder_of, found
from demo.kept import Kept
from demo.site import ROOT
from tests.process.serving import Demo, environment, host, processes, serving

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]


def run(state: Path, **values: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo"]
    env = environment(state, **values)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_demo_shows_conversations_on_three_messengers_and_its_own_page_and_ends_well(tmp_path: Path) -> None:
    done = run(tmp_path / "state")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Order 17: Flat white. Thank you!" in done.stdout
    assert "'name': 'Flat white'" in done.stdout
    assert done.stdout.count("Order 17 is ready in 4 minutes.") == 4
    assert processes(tmp_path / "state-once") == []


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
    names = ("Web chat", "The bot", "Playground", "Conversations", "State diagram", "Tests", "The API", "Health")
    assert {demo.link(name) for name in (*names, "Telegram", "Kik", "Messenger", "The shop's API")} == set(demo.links)


def test_the_pages_have_their_style_and_script(demo: Demo) -> None:
    found = demo.assets(demo.link("The bot")) | demo.assets(demo.link("Playground"))
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


def test_ctrl_c_leaves_no_process_behind_and_what_an_author_made_is_there_the_next_time(tmp_path: Path) -> None:
    state = tmp_path / "state"
    opened = tmp_path / "opened"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o700)
    with serving(state, OPEN="1", BROWSER=f"{browser} %s") as demo:
        demo.log_in()
        made = demo.make_bot("Mine")
        assert len(processes(demo.state)) >= 3
        rest = demo.interrupt()
        assert (demo.process.returncode, rest) == (0, "\nEnded.\n")
        assert processes(demo.state) == []
        assert opened.read_text().strip() == demo.link("Web chat")
    with serving(state) as again:
        assert "FRESH=1" in again.printed
        again.log_in()
        assert "Mine" in again.read(again.link("The bot").rpartition("/bot/")[0] + f"/bot/{made}/change/")
        assert "welcome to The Corner" in again.say("/start")["html"]
        line = next(line for line in again.printed.splitlines() if "send_text" in line and '"psid"' in line)
        *_, body, url = shlex.split(line)
        assert again.http.post(url, body, timeout=30).status_code == 200
        wanted = {"chat_id": "9912345", "count": 1, "timeout": 30}
        again.http.post(url.replace("send_text", "wait_for_messages"), json=wanted, timeout=60)
        assert "I did not understand" in again.read(again.link("Messenger"))
        again.interrupt()


def test_what_is_there_is_told_and_not_deleted_where_its_tables_are_others(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    Kept("of another time", "", {}).write(state)
    done = run(state, SERVE="1", PORT="0")
    assert (done.returncode, done.stderr, "FRESH=1 deletes it" in done.stdout) == (1, "", True)
    assert Kept.read(state) is not None


@pytest.mark.parametrize(("value", "is_kept"), [("", True), ("0", True), ("1", False)])
def test_fresh_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, is_kept: bool) -> None:
    Kept("1", "a password", {"Kik": 1}).write(tmp_path)
    monkeypatch.setenv("FRESH", value)
    assert found(tmp_path) == (Kept("1", "a password", {"Kik": 1}) if is_kept else None)
    assert (tmp_path / "kept.json").stat().st_mode & 0o077 == 0


def test_a_demo_that_ends_by_itself_leaves_the_bots_of_the_other_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMABOTS_DEMO_STATE", "/somewhere/demo")
    assert [str(folder_of(served)) for served in (True, False)] == ["/somewhere/demo", "/somewhere/demo-once"]
