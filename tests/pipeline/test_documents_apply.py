"""A bot becomes what a document says, and what it has already stays the same."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from permabots.models import Bot
from permabots.pipeline.authoring import documents
from tests.factories import make_user
from tests.pipeline.test_documents import DOCUMENT

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PLAIN = {"pattern": "x", "response": {"text_template": "x"}}


@pytest.fixture
def bot() -> Bot:
    return documents.create(DOCUMENT, make_user())


def with_handlers(*names: str, **more: Any) -> dict[str, Any]:
    return {**deepcopy(DOCUMENT), "handlers": [{"name": name, **PLAIN} for name in names], **more}


def names(bot: Bot) -> list[str]:
    return [handler.name for handler in Bot.objects.get(pk=bot.pk).definition().handlers]


def test_its_own_document_changes_nothing(bot: Bot) -> None:
    revision = Bot.objects.get(pk=bot.pk).revision
    events = bot.events.count()
    assert documents.apply(bot, documents.export(bot)) == []
    assert (Bot.objects.get(pk=bot.pk).revision, bot.events.count()) == (revision, events)


def test_rows_stay_the_same_rows_and_the_rest_goes(bot: Bot) -> None:
    documents.apply(bot, with_handlers("a", "b", "c"))
    before = {handler.name: handler.pk for handler in bot.handlers.all()}
    changed = with_handlers("a", "c")
    changed["handlers"][1]["pattern"] = "y"
    changes = documents.apply(bot, changed)
    after = {handler.name: handler.pk for handler in bot.handlers.all()}
    assert after == {"a": before["a"], "c": before["c"]}
    assert [(it.action.value, it.name) for it in changes] == [("deleted", "b"), ("changed", "c")]
    assert [(it.name, it.before, it.after) for it in changes[1].fields()] == [("pattern", "x", "y")]


def test_handlers_of_one_priority_are_tried_in_the_order_of_the_document(bot: Bot) -> None:
    documents.apply(bot, with_handlers("a", "b", "c"))
    rows = {handler.name: handler.pk for handler in bot.handlers.all()}
    changes = documents.apply(bot, with_handlers("c", "d", "a", "b"))
    assert names(bot) == ["c", "d", "a", "b"]
    assert {handler.name: handler.pk for handler in bot.handlers.all()} == {**rows, "d": bot.handlers.get(name="d").pk}
    assert changes[-1].after == {"name": "handlers", "order": ["c", "d", "a", "b"]}


def test_handlers_of_one_name_are_told_apart_by_their_ids(bot: Bot) -> None:
    documents.apply(bot, with_handlers("a"))
    first, second = ({"id": word, "name": "a", **PLAIN, "pattern": word} for word in ("one", "two"))
    documents.apply(bot, with_handlers(handlers=[first, second]))
    rows = {handler.pattern: handler.pk for handler in bot.handlers.all()}
    documents.apply(bot, with_handlers(handlers=[{**second, "priority": 1}, {**first, "name": "other"}]))
    assert {handler.pattern: handler.pk for handler in bot.handlers.all()} == rows
    assert [(it.name, it.pattern) for it in bot.handlers.in_order()] == [("a", "two"), ("other", "one")]
    with pytest.raises(ValidationError, match="handlers, 1: There is another name 'a': give each of them an id"):
        documents.apply(bot, with_handlers("a", "a"))


def test_a_secret_that_the_document_leaves_out_is_kept(bot: Bot) -> None:
    variable = bot.env_vars.get(key="token")
    variable.value = "s3cret"
    variable.save()
    document = documents.export(bot)
    assert "s3cret" not in documents.dumps(document)
    document["fallback_text"] = None
    del document["fallback_text"]
    document["bot"]["fallback_text"] = "Soon."
    documents.apply(bot, document)
    assert bot.env_vars.get(key="token").value == "s3cret"
    assert "s3cret" in documents.dumps(documents.export(bot, secrets=True))


def test_a_secrets_new_value_is_in_no_plan(bot: Bot) -> None:
    document = deepcopy(DOCUMENT)
    document["variables"][1]["value"] = "n3w"
    changes = documents.plan(bot, document)
    assert [(it.action.value, it.section, it.name) for it in changes] == [("changed", "variables", "token")]
    assert "n3w" not in "\n".join(documents.in_words(changes))
    documents.apply(bot, document)
    assert bot.env_vars.get(key="token").value == "n3w"


def test_a_plan_tells_all_and_changes_nothing(bot: Bot) -> None:
    before = documents.export(bot)
    document = with_handlers("a", states=[], tests=[], bot={"name": "Other"})
    lines = "\n".join(documents.in_words(documents.plan(bot, document)))
    for words in (
        "changed bot \"Other\"\n    name: 'Small' -> 'Other'",
        'deleted state "Asked"',
        'deleted handler "ask"',
        'created handler "a"',
        'deleted test "silence"',
    ):
        assert words in lines
    assert documents.export(Bot.objects.get(pk=bot.pk)) == before


def test_a_document_with_an_error_changes_nothing(bot: Bot) -> None:
    before = documents.export(bot)
    document = with_handlers("a", "b")
    document["handlers"][1]["pattern"] = "("
    for carry_out in (documents.plan, documents.apply):
        with pytest.raises(ValidationError, match="handlers, 2: pattern"):
            carry_out(bot, document)
    assert documents.export(Bot.objects.get(pk=bot.pk)) == before


def test_hooks_keep_their_addresses_and_recipients(bot: Bot) -> None:
    hook = {"name": "news", "response": {"text_template": "{{ data }}"}}
    person = {"provider": "telegram", "chat_id": "5", "name": "Ann"}
    documents.apply(bot, {**DOCUMENT, "hooks": [{**hook, "recipients": [person]}]})
    row = bot.hooks.get()
    documents.apply(bot, {**DOCUMENT, "hooks": [{**hook, "strict": True}]})
    assert (bot.hooks.get().key, bot.hooks.get().pk, bot.hooks.get().strict) == (row.key, row.pk, True)
    assert [it.name for it in bot.hooks.get().recipients.all()] == ["Ann"]
    assert "Ann" not in documents.dumps(documents.export(bot))
    with_people = documents.export(bot, recipients=True)
    assert with_people["hooks"][0]["recipients"] == [person]
    documents.apply(bot, {**DOCUMENT, "hooks": [{**hook, "recipients": [{**person, "chat_id": "6"}]}]})
    assert [it.chat_id for it in bot.hooks.get().recipients.all()] == ["6"]


def test_parameters_that_a_request_has_no_more_are_deleted(bot: Bot) -> None:
    document = deepcopy(DOCUMENT)
    request = document["handlers"][0]["request"]
    request["header_parameters"] = []
    request["url_parameters"].append({"key": "to", "value_template": "x"})
    row = bot.handlers.get().request.url_parameters.get()
    documents.apply(bot, document)
    assert [it.key for it in bot.handlers.get().request.url_parameters.all()] == ["from", "to"]
    assert bot.handlers.get().request.url_parameters.get(key="from").pk == row.pk
    assert not bot.handlers.get().request.header_parameters.exists()


def test_a_full_bot_can_be_replaced_by_another(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {"QUOTAS": {"handlers": 2, "states": 2}}
    documents.apply(bot, with_handlers("a", "b", states=[{"name": "One"}, {"name": "Two"}]))
    documents.apply(bot, with_handlers("c", "d", states=[{"name": "Three"}, {"name": "Four"}]))
    assert names(bot) == ["c", "d"]
    with pytest.raises(ValidationError, match="handlers: the document has 3, and a bot may have 2"):
        documents.apply(bot, with_handlers("c", "d", "e"))


# Found by somebody who tried to break it.


def converges(bot: Bot, document: dict[str, Any]) -> None:
    documents.apply(bot, document)
    assert documents.plan(bot, document) == []


def test_applying_twice_changes_nothing_the_second_time(bot: Bot) -> None:
    row = bot.handlers.get()
    own = {**DOCUMENT["handlers"][0], "id": str(row.pk)}
    converges(bot, {**DOCUMENT, "handlers": [own]})
    converges(bot, {**DOCUMENT, "handlers": [{**DOCUMENT["handlers"][0], "priority": 1.0}]})
    people = [{"provider": "telegram", "chat_id": chat, "name": chat} for chat in ("9", "1", "5")]
    converges(bot, {**DOCUMENT, "hooks": [{"name": "n", "response": {"text_template": "x"}, "recipients": people}]})


def test_a_key_that_is_there_twice_is_refused(bot: Bot) -> None:
    document = deepcopy(DOCUMENT)
    document["handlers"][0]["request"]["url_parameters"] *= 2
    with pytest.raises(ValidationError, match="url_parameters: the key 'from' is there more than once"):
        documents.apply(bot, document)


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_what_a_database_does_not_take_is_refused(bot: Bot, text: str) -> None:
    with pytest.raises(ValidationError, match="a character in it"):
        documents.apply(bot, {**DOCUMENT, "states": [{"name": text}]})


def test_recipients_are_replaced_at_the_quota(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {"QUOTAS": {"recipients": 1}}
    for chat in ("1", "2"):
        person = {"provider": "telegram", "chat_id": chat, "name": "Ann"}
        hook = {"name": "n", "response": {"text_template": "x"}, "recipients": [person]}
        documents.apply(bot, {**DOCUMENT, "hooks": [hook]})
    assert [it.chat_id for it in bot.hooks.get().recipients.all()] == ["2"]
