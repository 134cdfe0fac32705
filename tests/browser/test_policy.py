"""The pages under a strict Content-Security-Policy. Every test of this folder runs under it; here it is looked at."""

from __future__ import annotations

from permabots.conf import PAGE_POLICY
from permabots.models import Bot
from tests.browser.playground import opened
from tests.browser.visitor import Visitor

COUNT = """() => {
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
}"""


def test_the_policy_is_strict_and_in_force(visitor: Visitor) -> None:
    answer = visitor.open("bot_changelist")
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert not {"unsafe-inline", "unsafe-eval", "*"} & set(PAGE_POLICY.replace("'", "").replace(";", "").split())


def test_the_page_of_the_api_is_read_under_the_policy(visitor: Visitor) -> None:
    visitor.page.add_init_script(f"({COUNT})()")
    answer = visitor.go("/permabots/api/docs/", until="commit")
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    visitor.page.locator(".opblock-summary-get").first.click(timeout=90_000)
    visitor.page.locator(".opblock-body").first.wait_for()
    assert visitor.page.evaluate("window.violations") == []


def test_talking_and_saving_violates_nothing(visitor: Visitor, bot: Bot) -> None:
    column = opened(visitor, bot)[0]
    visitor.page.evaluate(COUNT)
    column.say("hello")
    column.hears("I did not understand")
    column.log.locator("summary").click()
    column.save("hello")
    assert visitor.page.evaluate("window.violations") == []


def test_the_rows_of_a_table_are_added_by_djangos_script(visitor: Visitor, bot: Bot) -> None:
    visitor.open("handler_change", bot.handlers.get(name="choose").pk)
    visitor.page.evaluate(COUNT)
    visitor.page.get_by_text("Add another URL parameter").click()
    assert visitor.page.locator("#id_urlparam-1-key").get_attribute("aria-label") == "Key"
    assert visitor.page.evaluate("window.violations") == []
