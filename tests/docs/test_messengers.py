"""The pages about the messengers say what their providers do: reasons, limits, errors, settings, shapes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import load_command_class

from permabots import models
from permabots.models.registry import providers
from permabots.pipeline.receiving.inbox import DISABLED, NOT_SERVED
from permabots.providers.base.http import HttpAnswer
from permabots.providers.kik import errors as kik_errors
from permabots.providers.kik import rendering as kik
from permabots.providers.messenger import errors as messenger_errors
from permabots.providers.messenger import rendering as messenger
from permabots.providers.web import rendering as web
from permabots.testing.messenger.events import envelope, event
from permabots.values import Identity, Json, WebhookRequest
from tests.docs.pages import DOCS, ROOT, block, literals, page, table, words

SLUGS = ["telegram", "kik", "messenger", "web"]
LIMITS = {
    "messenger": {
        "a text": f"{messenger.LIMITS.text} UTF-16 units",
        "a text with buttons under it": f"{messenger._BUTTON_TEXT} UTF-16 units",
        "a card's title": f"{messenger._TITLE} UTF-16 units",
        "buttons under a text, or on a card": str(messenger.LIMITS.row),
        "buttons in one message": str(messenger.LIMITS.buttons),
        "a button's label": f"{messenger.LIMITS.label} UTF-16 units",
        "a button's data": f"{messenger.LIMITS.data} bytes",
    },
    "kik": {
        "a text": f"{kik.LIMITS.text} characters",
        "buttons in one message": str(kik.LIMITS.buttons),
        "messages in one call": str(kik._BATCH),
        "a button's label": "none" if kik.LIMITS.label is None else str(kik.LIMITS.label),
    },
    "web": {
        "a text": f"{web.LIMITS.text} characters",
        "buttons in one message": str(web.LIMITS.buttons),
        "a button's label": f"{web.LIMITS.label} characters",
    },
}


def test_every_messenger_in_use_has_a_page() -> None:
    assert list(providers()) == SLUGS
    assert [slug for slug in SLUGS if not (DOCS / f"{slug}.rst").exists()] == []


# --- what comes in ----------------------------------------------------------------------------------------------------


def texts(node: ast.AST) -> Iterator[str]:
    """Return the texts in an expression, of an f-string what stands before its first value."""
    for part in ast.walk(node):
        match part:
            case ast.Constant(str(text)) if text:
                yield text


def reasons(slug: str) -> set[str]:
    """Return the reasons for which a provider ignores an event, as its code writes them."""
    found: set[str] = set()
    for path in (ROOT / "permabots" / "providers" / slug).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name("IgnoredEvent" | "ignored" | "_unreadable"), args=[*_, reason]):
                    found.update(texts(reason))
                case ast.Assign(targets=[ast.Name("OTHER_BOT")], value=reason):
                    found.update(texts(reason))
                case ast.keyword(arg="reason", value=ast.Constant() as reason):
                    found.update(texts(reason))
                case ast.Assign(targets=[ast.Name("_NOT_FOR_US")], value=ast.Dict(values=values)):
                    found.update(text for value in values for text in texts(value))
    assert found
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_every_reason_to_ignore_an_event_is_told(slug: str) -> None:
    told = {word.removesuffix("...") for word in words(slug, "ignored")}
    shared = {NOT_SERVED} if slug == "messenger" else set()  # the only one whose webhook serves several accounts
    assert told == reasons(slug) | {DISABLED} | shared


def seen(slug: str, body: Json) -> dict[str, str]:
    """Return what templates see as ``message`` of the one event in a webhook's body, written out."""
    provider = providers()[slug]
    (inbound,) = provider.parse(WebhookRequest(json.dumps(body).encode()), Identity())
    return {name: str(value) for name, value in provider.message_context(inbound).items()}


def milliseconds(told: str) -> int:
    return int(datetime.fromisoformat(told).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(("name", "key"), [("message-text", "text"), ("message-press", "postback")])
def test_a_message_of_messenger_is_seen_as_shown(name: str, key: str) -> None:
    told = json.loads(block("messenger", name))
    what = {"message": {"text": told.get(key)}} if key == "text" else {"postback": {"payload": told.get(key)}}
    happened = event(told["sender"], told["recipient"], milliseconds(told["timestamp"]), **what)
    assert seen("messenger", envelope([(told["recipient"], happened)], 0)) == told


def test_a_message_of_kik_is_seen_as_shown() -> None:
    told = json.loads(block("kik", "message-text"))
    message = {**told, "timestamp": milliseconds(told["timestamp"])}
    assert seen("kik", {"messages": [message]}) == {name: str(value) for name, value in told.items()}


@pytest.mark.parametrize("name", ["message-text", "message-press"])
def test_a_message_of_a_web_chat_is_seen_as_shown(name: str) -> None:
    told = json.loads(block("web", name))
    said = {key: told[key] for key in ("text", "data") if told[key]}
    common = {key: told[key] for key in told if key not in ("text", "data")}
    assert seen("web", {**common, **said}) == {key: str(value) for key, value in told.items()}


# --- what goes out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", LIMITS)
def test_the_limits_are_as_told(slug: str) -> None:
    assert {row[0]: row[1] for row in table(slug, "limits")} == LIMITS[slug]


def test_recipients_are_addressed_as_told() -> None:
    told = {literals(row[0])[0]: literals(row[1]) for row in table("handlers", "recipients")}
    names = {"chat_id": "chat_id", "user_id": "username"}
    wanted = {slug: [names[field] for field in it.recipient_fields] for slug, it in providers().items()}
    wanted = {slug: fields + ["topic"] * providers()[slug].has_topics for slug, fields in wanted.items()}
    assert told == {f"{slug.title()}Recipient": fields for slug, fields in wanted.items()}
    assert [name for name in told if not hasattr(models, name)] == []


def kind_of(answer: HttpAnswer, errors: Any, *secrets: str) -> str:
    return type(errors.refusal(answer, *secrets)).__name__


def graph_answer(code: int, subcode: int | None, said: str) -> HttpAnswer:
    error = {"message": said, "code": code, **({} if subcode is None else {"error_subcode": subcode})}
    return HttpAnswer(400, json.dumps({"error": error}).encode(), {})


@pytest.mark.parametrize("row", table("messenger", "errors"), ids=lambda row: row[0])
def test_a_code_of_facebook_means_what_is_told(row: list[str]) -> None:
    codes = [re.fullmatch(r"(\d+)(?:/(\d+))?", word) for word in literals(row[0])]
    found = [(int(code[1]), int(code[2]) if code[2] else None) for code in codes if code] or [(9999, None)]
    answers = [graph_answer(code, subcode, row[0]) for code, subcode in found]
    assert {kind_of(answer, messenger_errors, "token") for answer in answers} == set(literals(row[1]))


def test_every_code_of_facebook_is_told() -> None:
    told = words("messenger", "errors")
    pairs = {f"{code}/{subcode}" for code, subcode in messenger_errors._GONE | messenger_errors._WINDOW}
    single = messenger_errors._TOKEN | messenger_errors._THROTTLED | messenger_errors._TEMPORARY
    ends = {10, min(messenger_errors._PERMISSION - {10}), max(messenger_errors._PERMISSION)}
    lone = {messenger_errors._UNAVAILABLE, messenger_errors._PARAMETER}
    assert {word for word in told if re.fullmatch(r"[\d/]+", word)} == pairs | {
        str(code) for code in single | ends | lone
    }


@pytest.mark.parametrize("row", table("kik", "errors"), ids=lambda row: row[0])
def test_a_status_of_kik_means_what_is_told(row: list[str]) -> None:
    answers = [HttpAnswer(int(word), b"{}", {}) for word in literals(row[0]) if word.isdecimal()]
    assert {kind_of(answer, kik_errors, "key") for answer in answers} == set(literals(row[1]))


# --- settings and commands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_every_option_is_told_with_its_default(slug: str) -> None:
    wanted = {f"{slug}_{name}".upper(): value for name, value in providers()[slug].default_options.items()}
    assert {literals(row[0])[0]: literals(row[1])[0] for row in table(slug, "options")} == wanted


@pytest.mark.parametrize("slug", SLUGS)
def test_every_action_of_permabots_webhook_is_told(slug: str) -> None:
    parser = load_command_class("permabots", "permabots_webhook").create_parser("manage.py", "permabots_webhook")
    (actions,) = (action.choices for action in parser._actions if action.dest == "action")
    assert [it for it in actions if not re.search(rf"(permabots_webhook |``){it}\b", page(slug))] == []
