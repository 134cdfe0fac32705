"""The templates that the documentation shows are saved through the REST API, and give what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from permabots.engine.templates import Budget, RenderLimits, render_text
from permabots.engine.turn_values import EngineLimits
from permabots.exceptions import RenderLimitExceeded
from permabots.models import Bot
from permabots.testing import TelegramServer, text_update
from permabots.testing.updates import person
from permabots.values import Json
from tests.api.conftest import Api
from tests.docs.bot import ADDRESS, DocsBot, rows_of
from tests.docs.pages import block, literals, page, table
from tests.factories import make_bot
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import arrive, drain
from tests.pipeline.test_integrations import attach

Context = Mapping[str, Json]

LANGUAGE = (
    *("operators", "statements", "loop", "macro", "filters-text", "filters-list", "filters-other", "tests"),
    *("methods-text", "methods-other", "functions"),
)
"""Tables whose rows have an example and what it gives in their last two columns."""


@pytest.fixture
def docs_bot(db: None) -> DocsBot:
    bot = make_bot()
    return DocsBot(bot, Api(bot.owner))


def examples(name: str) -> list[tuple[str, Context, list[str]]]:
    return [
        (literals(template)[0], json.loads(literals(context)[0]), literals(result))
        for template, context, result in table("templates", name)
    ]


@pytest.mark.sqlite
@pytest.mark.parametrize(("template", "context", "messages"), examples("text-examples"))
def test_a_text_is_rendered_as_shown(docs_bot: DocsBot, template: str, context: Context, messages: list[str]) -> None:
    assert docs_bot.answer(context, text=template)["texts"] == messages


@pytest.mark.parametrize(("template", "context", "rows"), examples("keyboard-examples"))
def test_a_keyboard_is_rendered_as_shown(docs_bot: DocsBot, template: str, context: Context, rows: list[str]) -> None:
    assert rows_of(docs_bot.answer(context, keyboard=template)) == json.loads(rows[0])


@pytest.mark.parametrize(("template", "context", "addresses"), examples("url-examples"))
def test_an_address_is_rendered_as_shown(
    docs_bot: DocsBot, template: str, context: Context, addresses: list[str]
) -> None:
    shown = docs_bot.answer(context, request={"url_template": template})
    assert [shown["trace"]["request"]["url"]] == addresses


@pytest.mark.parametrize(("template", "context", "messages"), examples("url-errors"))
def test_an_address_that_leads_elsewhere_is_told_as_shown(
    docs_bot: DocsBot, template: str, context: Context, messages: list[str]
) -> None:
    shown = docs_bot.answer(context, request={"url_template": template})
    assert (shown["trace"]["error"], shown["payloads"]) == ({"where": "url", "message": messages[0]}, [])


@pytest.mark.parametrize(("template", "context", "values"), examples("parameter-examples"))
def test_a_parameter_is_rendered_as_shown(
    docs_bot: DocsBot, template: str, context: Context, values: list[str]
) -> None:
    parameters = [{"key": "q", "value_template": template}]
    headers = [{"key": "X-Example", "value_template": template}]
    request = {"url_template": ADDRESS, "url_parameters": parameters, "header_parameters": headers}
    asked = docs_bot.answer(context, request=request)["trace"]["request"]
    assert parse_qs(urlsplit(asked["url"]).query) == {"q": values}
    assert asked["headers"]["X-Example"] == values[0]


@pytest.mark.parametrize(("template", "context", "bodies"), examples("data-examples"))
def test_data_is_rendered_as_shown(docs_bot: DocsBot, template: str, context: Context, bodies: list[str]) -> None:
    request = {"url_template": ADDRESS, "method": "Post", "data": template}
    asked = docs_bot.answer(context, request=request)["trace"]["request"]
    assert json.loads(asked["body"]) == json.loads(bodies[0])


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{name} {row[0]}") for name in LANGUAGE for row in table("templates", name)]
)
def test_the_language_does_what_is_shown(docs_bot: DocsBot, row: list[str]) -> None:
    *_, example, gives = row
    shown = docs_bot.answer(json.loads(block("templates", "language-context")), text=literals(example)[0])
    assert (shown["trace"].get("error"), shown["texts"]) == (None, literals(gives))


def fields(field: str, template: str) -> dict[str, Any]:
    """Return a template as `DocsBot.save` takes it."""
    if field in ("text", "keyboard"):
        return {field: template}
    request: dict[str, Any] = {"url_template": template if field == "address" else ADDRESS, "method": "Post"}
    if field == "data":
        request["data"] = template
    if field == "parameter":
        request["url_parameters"] = [{"key": "q", "value_template": template}]
    return {"request": request}


@pytest.mark.parametrize("row", table("templates", "refused-examples"), ids=lambda row: row[1])
def test_what_cannot_be_saved_is_told_as_shown(docs_bot: DocsBot, row: list[str]) -> None:
    field, template, message = row[0], literals(row[1])[0], literals(row[2])[0]
    answer = docs_bot.save(**fields(field, template))
    assert answer.status_code == 400
    assert message in list(leaves(answer.json()))


def leaves(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [leaf for item in (value.values() if isinstance(value, dict) else value) for leaf in leaves(item)]


@pytest.mark.parametrize("row", table("templates", "error-examples"), ids=lambda row: row[0])
def test_a_mistake_is_told_as_shown(docs_bot: DocsBot, row: list[str]) -> None:
    saved = docs_bot.save(text=literals(row[0])[0])
    if saved.status_code == 400:
        assert f"{literals(row[1])[0]} (line 1)" in leaves(saved.json())
        return
    shown = docs_bot.answer({}, text=literals(row[0])[0])
    assert (shown["texts"], shown["payloads"]) == ([], [])
    error = shown["trace"]["error"]
    assert (error["where"], error["message"]) == ("text", literals(row[1])[0])


@pytest.mark.parametrize("row", table("templates", "trace-examples"), ids=lambda row: row[0])
def test_a_trace_tells_what_is_shown(docs_bot: DocsBot, row: list[str]) -> None:
    template, context, entry, told = (literals(cell)[0] for cell in row)
    assert docs_bot.answer(json.loads(context), text=template)["trace"][entry] == [told]


def test_what_is_too_long_or_too_deep_is_told_as_shown(docs_bot: DocsBot) -> None:
    for template in ("x" * 50_001, "{{ x }}" * 999, "{{ " + "(" * 99 + "1" + ")" * 99 + " }}"):
        (message, *_) = leaves(docs_bot.save(text=template).json())
        assert f"``{message.removesuffix(' (line 1)')}``" in " ".join(page("templates").split())


def test_the_clocks_error_is_told_as_shown() -> None:
    with pytest.raises(RenderLimitExceeded) as caught:
        render_text("{% for i in range(9999) %}{% endfor %}", {}, Budget(RenderLimits(timeout=0.0)))
    told = caught.value.message.replace("0 s", f"{EngineLimits().render_timeout:g} s")
    assert f"``{told}``" in " ".join(page("templates").split())


@pytest.mark.parametrize("line", block("templates", "now").splitlines())
def test_the_dates_of_the_page_can_be_written(docs_bot: DocsBot, line: str) -> None:
    shown = docs_bot.answer({}, text=line)
    assert "error" not in shown["trace"]
    assert len(shown["texts"]) == 1


MESSAGES = [*table("templates", "message-examples"), *(row[-2:] for row in table("templates", "methods-date"))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("template", "gives"), MESSAGES)
def test_what_a_message_holds_is_as_shown_when_a_worker_answers(
    telegram: TelegramServer, template: str, gives: str
) -> None:
    bot = make_bot()
    attach(bot)
    saved = DocsBot(bot, Api(bot.owner)).save(text=literals(template)[0], pattern="^/start$")
    assert saved.status_code == 201, saved.json()
    told = json.loads(block("templates", "message-text"))["message"]
    ann = person(told["from_user"]["id"], told["from_user"]["first_name"], username=told["from_user"]["username"])
    update = text_update(1, told["chat"]["id"], told["text"], message_id=told["message_id"], user=ann, date=1769860800)
    drain(arrive(Bot.objects.get(pk=bot.pk), update))
    (sent,) = telegram.texts(told["chat"]["id"])
    assert unescape(sent) == literals(gives)[0]
