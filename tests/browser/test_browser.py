"""The browser of the tests: where it comes from, and that it stays on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.browser import axe, programs
from tests.browser.remote import expect
from tests.browser.visitor import Visitor

ROOT = Path(__file__).parents[2]


def test_where_there_is_none_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(programs.VARIABLE, raising=False)
    with pytest.raises(programs.NoBrowser, match="apt-get install -y --no-install-recommends chromium"):
        programs.find()


def test_another_one_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(programs.VARIABLE, "/bin/sh")
    assert programs.find() == "/bin/sh"


def test_the_makefile_knows_the_same_programs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert " ".join((f'"$${programs.VARIABLE}"', *programs.NAMES)) in makefile


def test_a_page_elsewhere_is_not_reached(visitor: Visitor) -> None:
    for address in ("http://192.0.2.1/", "http://example.com/"):
        with pytest.raises(Exception, match="ERR_PROXY_CONNECTION_FAILED"):
            visitor.page.goto(address)
    assert visitor.elsewhere
    visitor.asked.clear()


def test_what_the_policy_forbids_is_noticed(visitor: Visitor) -> None:
    visitor.open("bot_changelist")
    visitor.page.evaluate("document.body.setAttribute('onclick', 'alert(1)')")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        visitor.check()
    visitor.trouble.clear()


def test_the_thread_of_the_tests_has_no_event_loop(visitor: Visitor) -> None:
    expect(visitor.page).to_have_url("about:blank")
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


def test_the_bots_of_an_author_are_listed(visitor: Visitor, author: Any) -> None:
    author.bots.create(name="The Corner Café")
    visitor.open("bot_changelist")
    expect(visitor.page.locator("#result_list")).to_contain_text("The Corner Café")


def test_axe_finds_what_is_hard_to_read_and_what_has_no_name(visitor: Visitor) -> None:
    visitor.open("bot_add")
    visitor.page.evaluate("document.querySelector('h1').style.color = '#eee'")
    visitor.page.evaluate("document.querySelector('label[for=id_name]').remove()")
    found = {fault.split()[0] for fault in axe.faults(visitor.page)}
    assert found == {"color-contrast", "label", "label-title-only"}, "the help of a field is no name of it"
    assert {fault.split()[0] for fault in axe.faults(visitor.page, only_colours=True)} == {"color-contrast"}
