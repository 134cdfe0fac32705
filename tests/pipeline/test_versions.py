"""Each transaction that changes a bot is a version, and a version that is kept can be restored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from permabots import origin
from permabots.models import Bot, BotVersion, EnvironmentVar, Handler, State
from permabots.origin import Origin, Source
from permabots.pipeline.authoring import configuration, documents, versions
from tests.factories import make_bot, make_user
from tests.pipeline.test_documents import DOCUMENT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

HELLO = {"name": "hello", "pattern": "hello", "response": {"text_template": "Hello"}}


@pytest.fixture(autouse=True)
def _ann() -> Iterator[None]:
    with origin.acting(lambda: Origin(Source.API, "7", "ann", "token 1")):
        yield


@pytest.fixture
def bot() -> Bot:
    return documents.create(DOCUMENT, make_user())


def told(bot: Bot) -> list[list[str]]:
    """What each version changed, in words, oldest first."""
    return [list(documents.in_words(versions.changes_of(it))) for it in bot.versions.order_by("number")]


def test_a_transaction_is_one_version_with_who_made_it(bot: Bot) -> None:
    (first,) = bot.versions.all()
    assert (first.number, first.source, first.user, first.credential) == (1, "api", "ann", "token 1")
    assert first.revision == Bot.objects.get(pk=bot.pk).revision
    assert [words for words in told(bot)[0] if "handler" in words] == ['created handler "ask"']
    with transaction.atomic():
        configuration.create_handler(bot, HELLO)
        State.objects.filter(bot=bot, name="Nowhere").update(name="Somewhere")
    assert told(bot)[1:] == [
        [
            'changed state "Somewhere"',
            "    name: 'Nowhere' -> 'Somewhere'",
            'created handler "hello"',
        ]
    ]


def test_what_is_rolled_back_is_none(bot: Bot) -> None:
    with transaction.atomic():
        configuration.create_handler(bot, HELLO)
        transaction.set_rollback(True)
    assert bot.versions.count() == 1
    configuration.save(bot.env_vars.get(key="shop"), {"value": "Other"})
    assert told(bot)[1] == ['changed variable "shop"', "    value: 'Corner' -> 'Other'"]


def test_every_road_makes_one(bot: Bot) -> None:
    handler = bot.handlers.get()
    roads: list[Any] = [
        lambda: Handler.objects.filter(pk=handler.pk).update(priority=9),
        lambda: handler.response.__class__.objects.filter(pk=handler.response_id).update(text_template="Yes?"),
        lambda: handler.request.url_parameters.all().delete(),
        lambda: handler.source_states.clear(),
        lambda: bot.conversation_tests.all().delete(),
        lambda: Bot.objects.filter(pk=bot.pk).update(fallback_text="Soon."),
        lambda: State.objects.bulk_create([State(bot=bot, name="New")]),
        lambda: configuration.create_hook(bot, {"name": "news", "response": {"text_template": "x"}}),
        lambda: State.objects.get(name="New").delete(),
    ]
    for number, road in enumerate(roads, 2):
        road()
        assert bot.versions.count() == number, told(bot)[-1]


def test_what_changes_nothing_is_none(bot: Bot) -> None:
    bot.handlers.get().save()
    bot.env_vars.get(key="shop").save()
    assert bot.versions.count() == 1


def test_restoring_brings_back_rows_with_their_ids_and_is_a_version_itself(bot: Bot) -> None:
    hook = configuration.create_hook(bot, {"name": "news", "response": {"text_template": "x"}})
    before = documents.export(bot)
    ids = (State.objects.get(name="Asked").pk, bot.handlers.get().pk, hook.pk, hook.key)
    number = bot.versions.count()
    State.objects.get(name="Asked").delete()
    bot.handlers.all().delete()
    hook.delete()
    bot.env_vars.filter(key="shop").delete()
    planned = versions.restore(bot, number, dry_run=True)
    assert documents.export(Bot.objects.get(pk=bot.pk)) != before
    assert versions.restore(bot, number) == planned
    bot = Bot.objects.get(pk=bot.pk)
    assert documents.export(bot) == before
    restored = bot.hooks.get()
    assert (State.objects.get(name="Asked").pk, bot.handlers.get().pk, restored.pk, restored.key) == ids
    assert bot.versions.count() == number + 5


def test_each_version_can_be_restored(bot: Bot) -> None:
    states = [documents.export(bot)]
    for name, priority in (("b", 0), ("c", 2), ("a", 0)):
        configuration.create_handler(bot, {**HELLO, "name": name, "priority": priority})
        states.append(documents.export(bot))
    documents.apply(bot, {**states[-1], "handlers": states[-1]["handlers"][::-1]})
    states.append(documents.export(bot))
    documents.apply(bot, {**DOCUMENT, "handlers": [HELLO]})
    states.append(documents.export(bot))
    for number in (3, 1, 5, 2, 6, 4):
        versions.restore(bot, number)
        assert documents.export(Bot.objects.get(pk=bot.pk)) == states[number - 1], number


def test_secrets_are_in_no_version_and_stay_as_they_are_today(bot: Bot) -> None:
    variable = bot.env_vars.get(key="token")
    configuration.save(variable, {"value": "s3cret"})
    configuration.create_handler(bot, HELLO)
    versions.restore(bot, 1)
    assert bot.env_vars.get(key="token").value == "s3cret"
    assert not any("s3cret" in version.changes + version.document for version in bot.versions.all())
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes, document FROM permabots_botversion")
        stored = str(cursor.fetchall())
    assert "Corner" not in stored
    assert "ask" not in stored


def test_so_many_are_kept(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {"VERSIONS": 3}
    for priority in range(5):
        bot.handlers.update(priority=priority)
    assert list(bot.versions.values_list("number", flat=True)) == [6, 5, 4] or bot.versions.count() == 3
    newest = bot.versions.first()
    assert newest is not None
    with pytest.raises(LookupError, match="no version 1 of this bot any more"):
        versions.restore(bot, 1)
    versions.restore(bot, newest.number - 2)
    assert documents.export(Bot.objects.get(pk=bot.pk))["handlers"][0]["priority"] == 2


def test_one_that_was_not_written_is_part_of_the_next(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(versions, "write", die)
        bot.handlers.update(priority=5)
    assert bot.versions.count() == 1
    configuration.create_handler(bot, HELLO)
    assert told(bot)[1] == ['changed handler "ask"', "    priority: 3 -> 5", 'created handler "hello"']


def test_a_bots_versions_go_with_it(bot: Bot) -> None:
    bot.delete()
    assert not BotVersion.objects.exists()


def test_a_bot_without_anything_has_a_version() -> None:
    bot = make_bot(name="Bare")
    assert told(bot) == [['created bot "Bare"']]


# Found by somebody who tried to break it.


def handlers(bot: Bot) -> list[str]:
    return [it.name for it in Bot.objects.get(pk=bot.pk).definition().handlers]


def test_a_handler_that_was_changed_is_restored_at_its_place(bot: Bot) -> None:
    documents.apply(bot, {**DOCUMENT, "handlers": [{**HELLO, "name": name} for name in "abc"]})
    number = bot.versions.count()
    bot.handlers.filter(name="a").update(pattern="other")
    versions.restore(bot, number)
    assert handlers(bot) == ["a", "b", "c"]
    assert bot.handlers.get(name="a").pattern == "hello"


def everything(bot: Bot) -> str:
    return "".join(version.changes + version.document for version in bot.versions.all()) + str(told(bot))


def test_what_is_called_secret_later_is_in_no_version_and_comes_back_in_clear_by_none(bot: Bot) -> None:
    variable = bot.env_vars.get(key="shop")
    configuration.save(variable, {"value": "T0PSECRET"})
    number = bot.versions.count()
    assert "T0PSECRET" in everything(bot)
    configuration.save(variable, {"secret": True})
    assert "T0PSECRET" not in everything(bot)
    assert "Corner" not in everything(bot)
    for each in (number, 1):
        versions.restore(bot, each)
        restored = bot.env_vars.get(key="shop")
        assert (restored.value, restored.secret) == ("T0PSECRET", True)
    variable.delete()
    EnvironmentVar.objects.create(bot=bot, key="shop", value="An0ther", secret=True)
    versions.restore(bot, 1)
    assert bot.env_vars.get(key="shop").secret
    assert "An0ther" not in everything(bot)


def test_a_hook_that_was_made_anew_gets_its_address_back(bot: Bot) -> None:
    values = {"name": "news", "response": {"text_template": "x"}}
    hook = configuration.create_hook(bot, values)
    before, number = (hook.pk, hook.key), bot.versions.count()
    hook.delete()
    configuration.create_hook(bot, values)
    versions.restore(bot, number)
    assert (bot.hooks.get().pk, bot.hooks.get().key) == before


def test_names_that_have_changed_places_are_restored(bot: Bot) -> None:
    ids = dict(bot.states.values_list("name", "pk"))
    with transaction.atomic():
        for name, other in (("Asked", "x"), ("Nowhere", "Asked"), ("x", "Nowhere")):
            bot.states.filter(name=name).update(name=other)
    versions.restore(bot, 1)
    assert dict(bot.states.values_list("name", "pk")) == ids


def test_versions_before_a_lost_key_are_said_to_be_gone(bot: Bot, settings: Any) -> None:
    settings.SECRET_KEY = "another"
    bot.env_vars.all().delete()
    configuration.create_handler(bot, HELLO)
    newest = bot.versions.count()
    assert versions.words_of(bot.versions.get(number=1))[0].startswith("a stored secret cannot be decrypted")
    with pytest.raises(LookupError, match="no version 1 of this bot any more"):
        versions.restore(bot, 1)
    assert versions.restore(bot, newest) == []


def test_what_was_rolled_back_is_nobody_elses_change(bot: Bot) -> None:
    other = make_bot(name="Other")
    with transaction.atomic():
        configuration.create_handler(other, HELLO)
        transaction.set_rollback(True)
    with origin.acting(lambda: Origin(Source.ADMIN, "8", "bob")):
        configuration.create_handler(bot, HELLO)
    assert bot.versions.order_by("-number")[0].user == "bob"
    assert list(other.versions.values_list("user", flat=True)) == ["ann"]
