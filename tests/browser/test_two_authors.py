"""Two authors at one page, each at a browser: neither loses a word unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from permabots.models import Bot
from permabots.pipeline.authoring.configuration import change_handler
from tests.admin.conftest import make_staff
from tests.browser.remote import Chromium, expect
from tests.browser.visitor import Visitor, visiting

THEIRS = "Theirs, line one.\n  {{ 'line two' }}"
MINE = "Mine, line one.\n  {{ 'line two' }}"


@pytest.fixture
def second(chromium: Chromium, site: str) -> Iterator[Visitor]:
    """A superuser, in front of another browser."""
    user = make_staff("root")
    user.is_superuser = True
    user.save()
    with visiting(chromium, site, user) as found:
        yield found


@dataclass(frozen=True)
class Page:
    """A page with a table in it, which has one row.

    Args:
        kind: of what it is the page.
        prefix: of the table's fields.
        names: of the table's fields.
        cells: what is in its row.
    """

    kind: str
    prefix: str
    names: tuple[str, str]
    cells: tuple[str, str]

    def row(self, bot: Bot) -> Any:
        """Return the row that the page is of."""
        return bot.handlers.get(name="choose") if self.kind == "handler" else bot.hooks.get()

    def stored(self, row: Any) -> tuple[Any, ...]:
        """Return what is in the database of a row: its name, its text, whether it is enabled, and the table."""
        now = type(row).objects.get(pk=row.pk)
        rows = now.request.url_parameters if self.kind == "handler" else now.recipients.filter(provider="telegram")
        return now.name, now.response.text_template, now.enabled, list(rows.values_list(*self.names))

    def fields(self, number: int, *values: str) -> dict[str, str]:
        """Return values for one row of the table, by the names of the fields in the page."""
        return {f"{self.prefix}-{number}-{name}": value for name, value in zip(self.names, values, strict=True)}


PAGES = [
    Page("handler", "urlparam", ("key", "value_template"), ("old", "1")),
    Page("hook", "recipients", ("name", "chat_id"), ("Ann", "1001")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.kind)
def test_the_second_save_is_refused_keeps_what_was_typed_and_saves_it_on_purpose(
    visitor: Visitor, second: Visitor, bot: Bot, page: Page
) -> None:
    old = {"url_parameters": [{"key": "old", "value_template": "1"}]}
    change_handler(bot.handlers.get(name="choose"), {"request": old})
    row = page.row(bot)
    text = row.response.text_template
    assert page.stored(row) == (row.name, text, True, [page.cells])
    for each in (visitor, second):
        each.open(f"{page.kind}_change", row.pk)
    visitor.fill(name="theirs", text_template=THEIRS, **{f"{page.prefix}-0-DELETE": True})
    saves(visitor)
    theirs = ("theirs", THEIRS, True, [])
    assert page.stored(row) == theirs
    typed = {"text_template": MINE, **page.fields(0, page.cells[0], "2002"), **page.fields(1, "new", "3003")}
    second.fill(enabled=False, **typed)
    for _ in range(2):  # once more, without a tick
        second.save()
        is_refused(second, row.name, typed)
        assert page.stored(row) == theirs
    second.fill(name="theirs")  # as it is told beside the field
    second.page.get_by_label("Save mine all the same").check()
    saves(second)
    assert page.stored(row) == ("theirs", MINE, False, [(page.cells[0], "2002"), ("new", "3003")])


def saves(visitor: Visitor) -> None:
    visitor.save()
    expect(visitor.page.locator(".messagelist .success")).to_contain_text("was changed successfully")


def is_refused(visitor: Visitor, name: str, typed: dict[str, str]) -> None:
    """Both versions are shown: theirs as they wrote it, line by line, and what was typed still in its fields."""
    page = visitor.page
    expect(page.locator(".errorlist.nonfield")).to_contain_text("Yours is not saved yet")
    assert page.locator(".field-name .errorlist").inner_text() == "Saved meanwhile: theirs"
    assert page.locator(".field-text_template .errorlist").inner_text() == f"Saved meanwhile: {THEIRS}"
    shown = {field: page.locator(f"[name='{field}']").input_value() for field in ("name", *typed)}
    assert shown == {"name": name, **typed}
    assert not page.locator("[name=enabled]").is_checked()
    assert not page.get_by_label("Save mine all the same").is_checked()
