"""A bot is made of a document, whole or not at all."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from permabots.models import Bot, State
from permabots.models.registry import providers
from permabots.pipeline.authoring import documents
from permabots.pipeline.authoring.conversation_tests import NoRequestApi, play, run
from permabots.pipeline.authoring.documents.examples import FOLDER
from permabots.pipeline.authoring.simulate import Question
from tests.factories import make_bot, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

DOCUMENT: dict[str, Any] = {
    "format": "permabots.bot",
    "version": 1,
    "bot": {"name": "Small", "fallback_text": "Later, please.", "separate_topics": True},
    "states": [{"name": "Asked"}, {"name": "Nowhere"}],
    "variables": [{"key": "shop", "value": "Corner"}, {"key": "token", "secret": True}],
    "handlers": [
        {
            "name": "ask",
            "pattern": "^ask$",
            "priority": 3,
            "enabled": False,
            "source_states": ["Asked"],
            "target_state": "Asked",
            "request": {
                "method": "Post",
                "url_template": "https://api.example.com/",
                "data": {"a": ["{{ pattern }}"]},
                "url_parameters": [{"key": "from", "value_template": "{{ service }}"}],
                "header_parameters": [{"key": "X-Key", "value_template": "{{ env.token }}"}],
            },
            "response": {"text_template": "Asked", "keyboard_template": "[['ok']]"},
        }
    ],
    "tests": [
        {
            "name": "silence",
            "provider": "web",
            "state": "Nowhere",
            "steps": [{"said": "hm", "messages": [], "state": "Nowhere"}],
        }
    ],
}


def plain(text: str) -> str:
    """A text without the marks of any messenger, and without the addresses that stand behind its links."""
    return re.sub(r"<[^>]+>|[*_`~]|\s*\(https?://\S+\)", "", text)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document with another value at a path; None takes it away."""
    document: Any = deepcopy(DOCUMENT)
    *way, last = [int(word) if word.isdigit() else word for word in path.split("/")]
    place: Any = document
    for word in way:
        place = place[word]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return dict(document)


def test_everything_in_it_is_made() -> None:
    bot = documents.create(DOCUMENT, make_user())
    assert (bot.name, bot.fallback_text, bot.separate_topics) == ("Small", "Later, please.", True)
    assert [state.name for state in bot.states.order_by("name")] == ["Asked", "Nowhere"]
    variables = [(it.key, it.value, it.secret) for it in bot.env_vars.order_by("key")]
    assert variables == [("shop", "Corner", False), ("token", "", True)]
    handler = bot.definition().handlers[0]
    assert (handler.name, handler.pattern, handler.priority, handler.enabled) == ("ask", "^ask$", 3, False)
    assert handler.request is not None
    assert (handler.request.method, handler.request.data) == ("Post", {"a": ["{{ pattern }}"]})
    assert [it.key for it in (*handler.request.url_parameters, *handler.request.header_parameters)] == ["from", "X-Key"]
    assert (handler.response.text_template, handler.response.keyboard_template) == ("Asked", "[['ok']]")
    assert handler.target_state is not None
    assert handler.target_state.name == "Asked"
    assert handler.source_states == {handler.target_state.id}
    assert [(it.name, it.provider, it.state) for it in bot.conversation_tests.all()] == [("silence", "web", "Nowhere")]


def test_handlers_are_tried_in_the_order_of_the_document() -> None:
    handlers = [{"name": name, "pattern": "x", "response": {"text_template": "x"}} for name in ("b", "a", "c")]
    bot = documents.create(changed("handlers", handlers), make_user())
    assert [handler.name for handler in bot.definition().handlers] == ["b", "a", "c"]


def test_a_name_is_all_that_a_bot_needs() -> None:
    document = {"format": "permabots.bot", "version": 1, "bot": {"name": "Bare"}}
    assert documents.create(document, make_user()).definition().handlers == ()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("format", "other", "no document of the format 'permabots.bot', version 1"),
        ("version", 2, "no document of the format"),
        ("bot", None, "the document: bot is missing"),
        ("bot/name", None, "bot: name is missing"),
        ("bot/name", 5, "bot: name is of the wrong type"),
        ("bot/name", "x" * 101, "bot: name"),
        ("colours", [], "the document: colours is not known"),
        ("states", {}, "the document: states is of the wrong type"),
        ("states/1", "Asked", "states, 2: an object is needed"),
        ("variables/0/value", None, "variables, 1: value is missing"),
        ("variables/1/key", "shop", "variables, 2: There is another key 'shop'"),
        ("handlers/0/pattern", "(", "handlers, 1: pattern"),
        ("handlers/0/priority", True, "handlers, 1: priority is of the wrong type"),
        ("handlers/0/colour", "red", "handlers, 1: colour is not known"),
        ("handlers/0/source_states", [1], "handlers, 1, source_states, 1: a text is needed"),
        ("handlers/0/response", None, "handlers, 1: response is missing"),
        ("handlers/0/response/text_template", "{{", "handlers, 1: text_template"),
        ("handlers/0/request/url_template", None, "handlers, 1, request: url_template is missing"),
        ("handlers/0/request/url_parameters", ["x"], "handlers, 1, request, url_parameters, 1: an object is needed"),
        ("tests/0/steps", [{"said": 1}], "tests, 1: steps"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_made(path: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("(", r"\(")):
        documents.create(changed(path, value), make_user())
    assert not Bot.objects.exists()
    assert not State.objects.exists()


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_other_json_is_no_document(document: Any) -> None:
    with pytest.raises(ValidationError, match="an object is needed"):
        documents.create(document, make_user())


def test_a_quota_holds(settings: Any) -> None:
    settings.PERMABOTS = {"QUOTAS": {"bots": 1}}
    owner = make_bot().owner
    with pytest.raises(ValidationError, match="bot: "):
        documents.create(DOCUMENT, owner)


@pytest.mark.parametrize("name", documents.examples())
def test_an_example_passes_its_own_tests(name: str) -> None:
    bot = documents.create(documents.example(name), make_user())
    results = run(bot, bot.conversation_tests.all())
    assert results
    assert not [result.diff or result.problem for result in results if not result.passed]


@pytest.mark.parametrize("provider", providers())
@pytest.mark.parametrize("name", documents.examples())
def test_an_example_answers_alike_on_every_messenger(name: str, provider: str) -> None:
    bot = documents.create(documents.example(name), make_user())
    for test in bot.conversation_tests.all():
        question = Question(provider, "", chat="1", user="1")
        for step in test.dialogue():
            api = NoRequestApi() if step.api is None else None
            played = play(bot, replace(question, text=step.text, response=step.api), api)
            question = played.after
            assert played.step.state == step.state, step.text
            # Messenger takes three buttons with a text: for more of them it is said again. It has links of its own.
            assert list(dict.fromkeys(text for it in played.step.messages if (text := plain(it.text)))) == [
                plain(it.text) for it in step.messages
            ]
            assert any(it.keyboard for it in played.step.messages) == any(it.keyboard for it in step.messages)


@pytest.mark.parametrize("name", documents.examples())
def test_an_example_is_written_in_the_form_that_differs_least(name: str) -> None:
    document = documents.example(name)
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    assert documents.dumps(documents.export(documents.create(document, make_user()))) == text
